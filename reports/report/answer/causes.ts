import { carriageOf, framingBytes } from '../../../scenarios/carriage.ts';
import { formatBytes } from '../../../scenarios/units.ts';
import { asksForStates, isCompressed } from '../../../scenarios/variant.ts';
import { derive, type Figure, isAvailable, per, sum } from '../../figures/figure.ts';
import type { Figures } from '../../figures/figures.ts';
import { percentText } from '../../figures/wording.ts';
import type { Group } from '../groups.ts';
import { type Field, variantOf } from './field.ts';

/** What a message is made of, in the mean of a variant's trials: bytes for each that was delivered. */
interface Anatomy {
  /** What is new to its client. */
  readonly payload: number;
  /** What else comes on connections: heads of answers, framing, answers to what clients say, what is sent again. */
  readonly down: number;
  /** What goes on them: requests, what clients say, their signs of life. */
  readonly up: number;
  /** Of TCP/IP, ACKs among them. */
  readonly packets: number;
  /** Undefined where nothing is asked for. */
  readonly perAnswer: number | undefined;
  readonly emptyShare: number;
  /** How often clients said something; 0 where they only listen. */
  readonly commands: number;
}

/** So many messages an answer are "shared"; fewer may be the accident of a few that came together. */
const SHARED = 1.5;
/** A share of empty polls that explains something. */
const MANY_EMPTY = 0.2;
/** Of the framing: so much more is something else. */
const MUCH_BESIDE_FRAMING = 0.5;

interface Side extends Anatomy {
  readonly group: Group;
  readonly name: string;
}

interface Pair {
  readonly field: Field;
  readonly more: Side;
  readonly less: Side;
  /** Whether it can be told how much of what comes is messages: of what is compressed it cannot. */
  readonly isTold: boolean;
}

/**
 * Why one variant takes more bytes for a message than another: the layer in which most of the difference lies, by what was
 * measured of it. Undefined where a figure is missing.
 */
export function bytesCause(field: Field, dearer: Group, cheaper: Group): string | undefined {
  const [ofMore, ofLess] = [anatomyOf(dearer), anatomyOf(cheaper)];
  if (ofMore === undefined || ofLess === undefined) return undefined;
  const more = { ...ofMore, group: dearer, name: field.nameOf(dearer, cheaper) };
  const less = { ...ofLess, group: cheaper, name: field.nameOf(cheaper, dearer) };
  const pair = { field, more, less, isTold: !comesCompressed(dearer) && !comesCompressed(cheaper) };
  const [own, other] = [layersOf(more, pair.isTold), layersOf(less, pair.isTold)];
  const [layer = 'messages'] = (['messages', 'besides', 'packets'] as const).toSorted(
    (a, b) => own[b] - other[b] - (own[a] - other[a]),
  );
  if (own[layer] <= other[layer]) return undefined;
  switch (layer) {
    case 'messages':
      return messagesCause(pair);
    case 'besides':
      return besidesCause(pair);
    case 'packets':
      return sharingCause(more, less, cheaper) ?? packetsCause(pair);
    default:
      return layer satisfies never;
  }
}

/** Why it takes more of the server's time: what it has to answer for a message. Undefined where nothing measured tells. */
export function cpuCause(dearer: Group, cheaper: Group): string | undefined {
  const [more, less] = [anatomyOf(dearer), anatomyOf(cheaper)];
  if (more === undefined || less === undefined) return undefined;
  if (more.perAnswer === undefined || !answersMore(more, less)) return sharingCause(more, less, cheaper);
  if (more.emptyShare >= MANY_EMPTY) return `${percentText(more.emptyShare, 0)} of its polls come back empty`;
  return more.perAnswer < SHARED
    ? 'each message is asked for and answered by itself'
    : sharingCause(more, less, cheaper);
}

/** Whether it has clearly more to answer for a message; where it has not, that explains nothing. */
function answersMore({ perAnswer = 0 }: Anatomy, { perAnswer: other }: Anatomy): boolean {
  return other === undefined || other >= SHARED * perAnswer;
}

function layersOf(
  { payload, down, up, packets }: Anatomy,
  isTold: boolean,
): Record<'messages' | 'besides' | 'packets', number> {
  return isTold
    ? { messages: payload, besides: down + up, packets }
    : { messages: payload + down, besides: up, packets };
}

function messagesCause({ more, less, isTold }: Pair): string {
  if (isTold)
    return `a message is ${formatBytes(more.payload)} long with ${more.name}, ${formatBytes(less.payload)} with ${less.name}`;
  if (asksForWhole(more)) return wholeText(more, isTold);
  return `${downText(more)} come downstream for a message with ${more.name}, ${downText(less)} with ${less.name}`;
}

function downText({ payload, down }: Anatomy): string {
  return formatBytes(payload + down);
}

function besidesCause(pair: Pair): string {
  const { more, isTold } = pair;
  if (more.commands > 0) return spokenText(pair);
  if (more.perAnswer === undefined) return pushedText(pair);
  const isWhole = asksForWhole(more);
  return isWhole && isTold && more.down > more.up
    ? wholeText(more, isTold)
    : askedText(more, more.perAnswer, isTold && !isWhole);
}

function packetsCause({ more, less }: Pair): string {
  const [own, other] = [formatBytes(more.packets), formatBytes(less.packets)];
  return more.commands > 0
    ? `TCP/IP and its ACKs, also those of what clients say, take ${own} for each message with ${more.name}, ${other} with ${less.name}`
    : `TCP/IP and its ACKs add ${own} to a message of ${more.name}, ${other} to one of ${less.name}`;
}

/** Of requests that say something and of those that ask, only what both take together is known. */
function spokenText({ field, more, less, isTold }: Pair): string {
  const { perAnswer, commands } = more;
  const each =
    perAnswer === undefined
      ? `${formatBytes(more.up / commands)} a command`
      : `${formatBytes(more.up / (commands + 1 / perAnswer))} a request`;
  const up = `${speechText(field, more)} ${formatBytes(more.up)} upstream for each message with ${more.name} (${each}), ${formatBytes(less.up)} with ${less.name}`;
  if (!isTold) return up;
  return `${up}; answers to it and whatever else comes besides messages take ${formatBytes(more.down)} downstream, ${formatBytes(less.down)} with ${less.name}`;
}

function speechText({ report }: Field, { group, perAnswer }: Side): string {
  if (perAnswer !== undefined) return 'what clients say and ask for takes';
  const traits = report.result.transports[variantOf(group)?.transport ?? ''];
  return traits?.commandsBy === 'requests'
    ? 'what clients say goes by requests of its own and takes'
    : 'what clients say takes';
}

/** Where clients only listen, and ask for nothing. */
function pushedText({ field, more, isTold }: Pair): string {
  if (!isTold) return `clients of ${more.name} send ${formatBytes(more.up)} for each message that they get`;
  const besides = more.down + more.up;
  const framing = framingOf(field, more);
  if (framing > 0 && besides <= (1 + MUCH_BESIDE_FRAMING) * framing)
    return `the framing of ${more.name} adds ${formatBytes(besides)} to each message`;
  const own = framing === 0 ? '' : `, its framing ${framing} B`;
  return `signs of life, handshakes and whatever else is no message take ${formatBytes(besides - framing)} for each message with ${more.name}${own}`;
}

/** What is sent again counts as no message, and only all that came is known to the byte. */
function wholeText({ payload, down, perAnswer = 0 }: Side, isTold: boolean): string {
  const ofNews = isTold ? `, of which ${formatBytes(payload * perAnswer)} are new messages` : '';
  return `the state is sent whole, what a client has already too: ${formatBytes((payload + down) * perAnswer)} come for a poll in the mean${ofNews}`;
}

/** Where the head of an answer is not told from what it brings, only the request is. */
function askedText({ group, up, down, emptyShare }: Side, perAnswer: number, isHeadTold: boolean): string {
  const each = isHeadTold
    ? `${formatBytes((up + down) * perAnswer)} of headers`
    : `a request of ${formatBytes(up * perAnswer)}`;
  if (emptyShare >= MANY_EMPTY) return `${percentText(emptyShare, 0)} of polls come back empty, each with ${each}`;
  const messages = perAnswer < SHARED ? 'one message' : `${countText(perAnswer)} messages`;
  return `each ${cadenceText(group)} answer ${isHeadTold ? 'carries' : 'takes'} ${each} for ${messages}`;
}

/** In an answer that is not empty. */
function inFull({ perAnswer, emptyShare }: Anatomy): number | undefined {
  return perAnswer === undefined ? undefined : perAnswer / (1 - emptyShare);
}

function sharingCause(more: Anatomy, less: Anatomy, cheaper: Group): string | undefined {
  const [messages, others] = [inFull(less), inFull(more)];
  if (messages === undefined || messages < SHARED) return undefined;
  if (others !== undefined && messages < SHARED * others) return undefined;
  const text = `${countText(messages)} messages share one ${cadenceText(cheaper)} answer`;
  return others === undefined || others < SHARED ? text : `${text}, ${countText(others)} with the other`;
}

function cadenceText({ cadence }: Group): string {
  return cadence === 'interval' ? 'polled' : 'held';
}

function countText(count: number): string {
  return (count >= 10 ? Math.round(count) : Number(count.toPrecision(2))).toLocaleString('en-US');
}

function comesCompressed(group: Group): boolean {
  const variant = variantOf(group);
  return variant !== undefined && isCompressed(variant);
}

function asksForWhole({ group }: Side): boolean {
  const variant = variantOf(group);
  return variant !== undefined && asksForStates(variant);
}

/** By the protocol, for a message of that size; 0 where it is not known. */
function framingOf({ report }: Field, { group, payload }: Side): number {
  const variant = variantOf(group);
  const traits = report.result.transports[variant?.transport ?? ''];
  if (variant === undefined || traits === undefined) return 0;
  const carriage = carriageOf(traits, variant.values);
  return carriage.cadence === 'push' ? framingBytes(carriage.framing, payload) : 0;
}

function anatomyOf({ counting }: Group): Anatomy | undefined {
  const mean = (of: (figures: Figures) => Figure): Figure =>
    derive(
      counting.map(({ figures }) => of(figures)),
      (...values) => sum(values) / values.length,
    );
  const payload = mean(({ payloadBytesPerMessage }) => payloadBytesPerMessage);
  const down = mean(({ transportBytesPerMessage }) => transportBytesPerMessage.down);
  const up = mean(({ transportBytesPerMessage }) => transportBytesPerMessage.up);
  const wire = mean(({ wireBytesPerMessage }) => wireBytesPerMessage.total);
  if (counting.length === 0 || !isAvailable(payload) || !isAvailable(wire)) return undefined;
  if (!isAvailable(down) || !isAvailable(up)) return undefined;
  const perAnswer = mean(({ deliveries, answers }) => per(deliveries, answers, 'nothing is asked for'));
  const [emptyShare, commands] = [
    mean((figures) => figures.emptyShare),
    mean((figures) => figures.commandsPerMessage),
  ].map((figure) => (isAvailable(figure) ? figure : 0));
  return {
    payload,
    down: down - payload,
    up,
    packets: wire - down - up,
    perAnswer: isAvailable(perAnswer) && perAnswer > 0 ? perAnswer : undefined,
    emptyShare: emptyShare ?? 0,
    commands: commands ?? 0,
  };
}
