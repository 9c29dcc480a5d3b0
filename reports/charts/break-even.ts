import { formatBytes, significant } from '../../scenarios/units.ts';
import { chosen, distinct } from '../figures/wording.ts';
import { type BreakEven, extraBytesOf, type MeasuredWay } from '../report/polling/break-evens.ts';
import type { Crossing, Line, LinePlot } from './line-plot.ts';
import { logarithmicScale } from './scale.ts';
import { subjectOf } from './subject.ts';

const HEIGHT_PX = 280;
/** Whatever was measured: where polls are mostly empty, and where they bring a page of messages. */
const USUAL_MESSAGES = [0.5, 50];
const STEPS = 48;
/** Up to here a law that was checked in one place may be believed in another. */
const NEAR = 10;

/** What polling and pushing add to a message, by how many come in the interval between two polls, over each version of HTTP. */
export function breakEvenPlot(pairs: readonly BreakEven[]): LinePlot {
  const measured = distinct(pairs.map(({ poll }) => poll.bytes.messagesPerAnswer));
  const crossings = pairs.flatMap(crossingOf);
  const x = logarithmicScale([...USUAL_MESSAGES, ...measured, ...crossings.map((crossing) => crossing.x)], countText);
  const grid = Array.from({ length: STEPS + 1 }, (_, step) => x.min * (x.max / x.min) ** (step / STEPS));
  const ends = measured.flatMap((messages) => [messages / NEAR, messages * NEAR]);
  const more = [...ends, ...measured, ...crossings.map((crossing) => crossing.x)];
  const at = distinct([...grid, ...more].map(rounded))
    .filter((messages) => messages >= x.min && messages <= x.max)
    .toSorted((a, b) => a - b);
  const lines = pairs.flatMap(({ poll, push }) => [poll, push].map((way) => lineOf(way, poll, at)));
  return {
    id: 'break-even-bytes',
    label: `Bytes beside a message by messages in a poll interval. ${breakEvenText(pairs)}`,
    x,
    y: logarithmicScale(
      lines.flatMap(({ values }) => values.filter((value) => value !== null)),
      (bytes) => chosen(formatBytes(bytes)),
    ),
    at,
    marks: measured.map(rounded),
    lines,
    crossings,
    heightPx: HEIGHT_PX,
    texts: { at: (messages) => `${significant(messages)} messages an interval`, value: formatBytes },
  };
}

function lineOf(way: MeasuredWay, poll: MeasuredWay, at: readonly number[]): Line {
  const { messagesPerAnswer } = poll.bytes;
  return {
    subject: subjectOf(way.group),
    values: at.map((messages) => extraBytesOf(way, messages)),
    solid: { from: rounded(messagesPerAnswer / NEAR), to: rounded(messagesPerAnswer * NEAR) },
  };
}

function crossingOf({ poll, push, http, messages }: BreakEven): Crossing[] {
  if (messages === undefined) return [];
  const text = `${countText(messages)} over HTTP/${http}`;
  return [{ x: rounded(messages), y: extraBytesOf(push, messages), text, group: poll.group.key }];
}

/** `HTTP polling takes fewer bytes than WebSocket from 6.9 messages an interval on over HTTP/1.1, from 2.8 on over HTTP/2.` */
export function breakEvenText(pairs: readonly BreakEven[]): string {
  const byNames = Map.groupBy(
    pairs.filter(({ messages }) => messages !== undefined),
    ({ poll, push }) => `${poll.group.transport} takes fewer bytes than ${push.group.transport}`,
  );
  const met = [...byNames].map(([names, own]) => {
    const places = own.map(
      ({ http, messages = 0 }, index) =>
        `from ${countText(messages)}${index === 0 ? ' messages an interval' : ''} on over HTTP/${http}`,
    );
    return `${names} ${places.join(', ')}.`;
  });
  const unmet = pairs.flatMap(({ http, messages }) =>
    messages === undefined ? [`Over HTTP/${http} one of both always takes fewer.`] : [],
  );
  return [...met, ...unmet].join(' ');
}

/** Wire bytes are not the same to the third digit. */
function countText(count: number): string {
  return String(Number(count.toPrecision(2)));
}

function rounded(value: number): number {
  return Number(value.toPrecision(6));
}
