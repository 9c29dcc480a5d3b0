import { formatBytes } from '../../../scenarios/units.ts';
import { derive, type Figure, isAvailable, per, sum } from '../../figures/figure.ts';
import type { Figures } from '../../figures/figures.ts';
import { percentText } from '../../figures/wording.ts';
import type { Group } from '../groups.ts';
import type { Field } from './field.ts';

/** What a message is made of, in the mean of a variant's trials: bytes of a delivered message, both directions. */
interface Anatomy {
  readonly payload: number;
  /** Headers and framing. */
  readonly headers: number;
  /** Of TCP/IP, ACKs among them. */
  readonly packets: number;
  /** Undefined where nothing is asked for. */
  readonly perAnswer: number | undefined;
  readonly emptyShare: number;
}

/** So many messages an answer are "shared"; fewer may be the accident of a few that came together. */
const SHARED = 1.5;
/** A share of empty polls that explains something. */
const MANY_EMPTY = 0.2;

/**
 * Why one variant takes more bytes for a message than another: the layer in which most of the difference lies, by what was
 * measured of it. Undefined where a figure is missing.
 */
export function bytesCause({ nameOf }: Field, dearer: Group, cheaper: Group): string | undefined {
  const [more, less] = [anatomyOf(dearer), anatomyOf(cheaper)];
  if (more === undefined || less === undefined) return undefined;
  const [layer = 'payload'] = (['payload', 'headers', 'packets'] as const).toSorted(
    (a, b) => more[b] - less[b] - (more[a] - less[a]),
  );
  const [name, other] = [nameOf(dearer, cheaper), nameOf(cheaper, dearer)];
  if (more[layer] <= less[layer]) return undefined;
  switch (layer) {
    case 'payload':
      return `a message is ${formatBytes(more.payload)} long with ${name}, ${formatBytes(less.payload)} with ${other}`;
    case 'headers':
      return headersCause(more, { cadence: dearer.cadence, name });
    case 'packets':
      return (
        sharingCause(more, less, cheaper) ??
        `TCP/IP and its ACKs add ${formatBytes(more.packets)} to a message of ${name}, ${formatBytes(less.packets)} to one of ${other}`
      );
    default:
      return layer satisfies never;
  }
}

/** Why it takes more of the server's time: what it has to answer for a message. Undefined where nothing measured tells. */
export function cpuCause(dearer: Group, cheaper: Group): string | undefined {
  const [more, less] = [anatomyOf(dearer), anatomyOf(cheaper)];
  if (more === undefined || less === undefined) return undefined;
  if (more.perAnswer === undefined) return sharingCause(more, less, cheaper);
  if (more.emptyShare >= MANY_EMPTY) return `${percentText(more.emptyShare, 0)} of its polls come back empty`;
  return more.perAnswer < SHARED
    ? 'each message is asked for and answered by itself'
    : sharingCause(more, less, cheaper);
}

function headersCause(
  { perAnswer, headers, emptyShare }: Anatomy,
  { cadence, name }: { readonly cadence: Group['cadence']; readonly name: string },
): string {
  if (perAnswer === undefined) return `the framing of ${name} adds ${formatBytes(headers)} to each message`;
  const ofAnswer = formatBytes(headers * perAnswer);
  if (emptyShare >= MANY_EMPTY)
    return `${percentText(emptyShare, 0)} of polls come back empty, each with ${ofAnswer} of headers`;
  const messages = perAnswer < SHARED ? 'one message' : `${countText(perAnswer)} messages`;
  return `each ${cadence === 'interval' ? 'polled' : 'held'} answer carries ${ofAnswer} of headers for ${messages}`;
}

/** In an answer that is not empty. */
function inFull({ perAnswer, emptyShare }: Anatomy): number | undefined {
  return perAnswer === undefined ? undefined : perAnswer / (1 - emptyShare);
}

function sharingCause(more: Anatomy, less: Anatomy, { cadence }: Group): string | undefined {
  const [messages, others] = [inFull(less), inFull(more)];
  if (messages === undefined || messages < SHARED) return undefined;
  const text = `${countText(messages)} messages share one ${cadence === 'interval' ? 'polled' : 'held'} answer`;
  if (others === undefined || others < SHARED) return text;
  return messages < SHARED * others ? undefined : `${text}, ${countText(others)} with the other`;
}

function countText(count: number): string {
  return (count >= 10 ? Math.round(count) : Number(count.toPrecision(2))).toLocaleString('en-US');
}

function anatomyOf({ counting }: Group): Anatomy | undefined {
  const mean = (of: (figures: Figures) => Figure): Figure =>
    derive(
      counting.map(({ figures }) => of(figures)),
      (...values) => sum(values) / values.length,
    );
  const payload = mean(({ payloadBytesPerMessage }) => payloadBytesPerMessage);
  const transport = mean(({ transportBytesPerMessage }) => transportBytesPerMessage.total);
  const wire = mean(({ wireBytesPerMessage }) => wireBytesPerMessage.total);
  if (counting.length === 0 || !isAvailable(payload) || !isAvailable(transport) || !isAvailable(wire)) return undefined;
  const perAnswer = mean(({ deliveries, answers }) => per(deliveries, answers, 'nothing is asked for'));
  const emptyShare = mean((figures) => figures.emptyShare);
  return {
    payload,
    headers: transport - payload,
    packets: wire - transport,
    perAnswer: isAvailable(perAnswer) && perAnswer > 0 ? perAnswer : undefined,
    emptyShare: isAvailable(emptyShare) ? emptyShare : 0,
  };
}
