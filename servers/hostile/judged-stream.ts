import { isDeepStrictEqual } from 'node:util';
import type { SessionEnd } from '../../scenarios/session-end.ts';
import type { Told } from '../testing/test-subscriber.ts';
import { type Conversation, MESSAGES } from './conversation.ts';
import { type Heard, play, type Play } from './played-conversation.ts';

/** What a client is told of a conversation up to one of its parts, and when: what changed streams are held against. */
export interface Model {
  readonly conversation: Conversation;
  readonly last: number;
  readonly bytes: Buffer;
  readonly told: readonly Told[];
  readonly end: SessionEnd;
  readonly toldBefore: number;
  /** For each thing that is told, how many bytes of the last part have to be there; 0 for what was told before it. */
  readonly toldAt: readonly number[];
  /** Where the last part holds messages, or of another form of them the data. */
  readonly messages: readonly { readonly start: number; readonly end: number }[];
}

/** `what` became of a stream, or the fault in how it was read. */
export type Verdict =
  | { readonly what: string; readonly fault?: undefined }
  | { readonly fault: string; readonly what?: undefined };

/** A changed last part, where it is cut, and whether it is played in one piece too. */
export interface Changed {
  readonly bytes: Buffer;
  readonly cuts: readonly number[];
  readonly isPlayedWhole: boolean;
}

/** In bytes. */
const SHORTEST_ENTRY = 100;

const SPACE = 0x20;

const everywhere = (length: number): number[] =>
  Array.from({ length: Math.max(0, length - 1) }, (_, index) => index + 1);

/** One for each part of a conversation. */
export async function modelsOf(conversation: Conversation): Promise<Model[]> {
  return Promise.all(conversation.parts.map(async ({ bytes }, last) => modelOf(conversation, last, bytes)));
}

async function modelOf(conversation: Conversation, last: number, bytes: Buffer): Promise<Model> {
  const heard = await play({ conversation, last, bytes, cuts: everywhere(bytes.length), expected: 0 });
  const { told, end, toldBefore, toldAfter } = heard;
  const toldAt = told.map((_, index) =>
    index < toldBefore ? 0 : 1 + toldAfter.findIndex((count) => count > index || count === told.length),
  );
  return { conversation, last, bytes, told, end, toldBefore, toldAt, messages: messagesIn(bytes) };
}

/** The whole message where it is text as it was published, and what it holds wherever that is as it was. */
function messagesIn(bytes: Buffer): Model['messages'] {
  return MESSAGES.flatMap((texts) => {
    for (const text of texts) {
      const start = bytes.indexOf(text);
      if (start >= 0) return [{ start, end: start + Buffer.byteLength(text) }];
    }
    return [];
  });
}

/**
 * A changed stream is read well where the session ended with its cause, and
 * - said the same however the stream was cut,
 * - told first what lies whole before the change,
 * - told nothing as intact that was never sent,
 * - left out nothing between two things that it told behind the change,
 * - told as much as there is where nothing but bytes of messages were changed into others.
 * Whether bytes behind a change are a message is for the protocol to say: a length that grew swallows them. Such a client waits
 * for no more than that length, so with line ends behind it must end or tell something, unless it was told of more.
 */
export async function judge(model: Model, { bytes, cuts, isPlayedWhole }: Changed): Promise<Verdict> {
  const { conversation, last, told } = model;
  const script = { conversation, last, bytes, expected: told.length };
  const heard = await play({ ...script, cuts });
  if (isNothing(heard)) return judgeNothing({ ...script, cuts });
  const fault =
    (isPlayedWhole ? differenceOf(await play({ ...script, cuts: [] }), heard) : undefined) ??
    faultOf(model, bytes, heard);
  return fault === undefined ? { what: outcomeOf(model, heard) } : { fault };
}

/** It stayed open, and what it was given went nowhere. */
function isNothing({ isLost, end }: Heard): boolean {
  return isLost && end.code === 'connection-closed';
}

const PLENTY_BYTES = 256 * 1024;
/** Content-Length, and the size of a chunk. */
const LENGTHS = /content-length: *(\d+)|\r\n([\da-f]+)[ \t;\r]/gi;

const EARLY_HEADS = /^(?:HTTP\/1\.1 1[^]*?\r\n\r\n)+/;
/** An answer whose head says no length goes on up to the close, and lines without anything may be nothing there. */
const KNOWN_LENGTH = /\r\n(?:content-length: *\d|transfer-encoding: *chunked\r)/i;

/** Right where it was told of more than it could be given here. */
async function judgeNothing(script: Play): Promise<Verdict> {
  const heard = await play({ ...script, moreBytes: PLENTY_BYTES });
  if (!isNothing(heard)) return { what: 'a length that grew' };
  const text = script.bytes.toString('latin1');
  const [head = ''] = text.replace(EARLY_HEADS, '').split('\r\n\r\n', 1);
  if (head.startsWith('HTTP/1.1 200') && !KNOWN_LENGTH.test(`${head}\r\n`))
    return { what: 'an answer up to the close' };
  const lengths = Array.from(text.matchAll(LENGTHS), ([, decimal, hexadecimal = '']) =>
    decimal === undefined ? Number.parseInt(hexadecimal, 16) : Number(decimal),
  );
  if (lengths.some((length) => length > PLENTY_BYTES)) return { what: 'a length beyond bounds' };
  return { fault: `neither ends nor tells anything, whatever comes, after ${JSON.stringify(heard.told)}` };
}

/**
 * Bytes behind an answer are known to be unasked only where they come with it: later they look like the next answer. Where
 * such a stream is cut decides what is said of it.
 */
function dependsOnCuts({ end }: Heard): boolean {
  return end.code === 'protocol' && end.cause === 'unasked-answer';
}

function differenceOf(whole: Heard, pieces: Heard): string | undefined {
  if (dependsOnCuts(whole) || dependsOnCuts(pieces) || differInDamage(whole, pieces)) return undefined;
  const [one, other] = [whole, pieces].map(({ told, end }) => JSON.stringify({ told, end }));
  return one === other ? undefined : `in pieces ${other}, as a whole ${one}`;
}

function faultOf(model: Model, changed: Buffer, heard: Heard): string | undefined {
  const before = commonStart(model.bytes, changed);
  const isCutShort = changed.length === before;
  const whole = model.toldAt.filter((at) => at < before || (at === before && isCutShort)).length;
  const due = isOfCompressed(heard.end) ? whole - 1 : whole;
  for (let index = 0; index < due; index++) {
    if (!isSame(heard.told[index], model.told[index]))
      return `of the ${due} before the change it told ${JSON.stringify(heard.told)}`;
  }
  if (isOnlyOfMessages(model, changed) && heard.told.length < model.told.length && !complained(model, heard))
    return `of ${model.told.length} behind changed messages it told ${JSON.stringify(heard.told)}`;
  return leftOut(model, { start: before, end: commonEnd(model.bytes, changed, before), length: changed.length }, heard);
}

/**
 * What is compressed is inflated piece by piece: of a piece that is damaged nothing comes out, though all of a message may lie
 * before the damage, which is in the marks behind it then.
 */
function isOfCompressed(end: SessionEnd): boolean {
  return end.code === 'protocol' && (end.cause === 'gzip' || end.cause === 'deflate');
}

/** Where a cut makes two pieces of a damaged one, the first of them may still give its message. */
function differInDamage(whole: Heard, pieces: Heard): boolean {
  const common = Math.min(whole.told.length, pieces.told.length);
  const isByOne = Math.abs(whole.told.length - pieces.told.length) === 1;
  return (
    isOfCompressed(whole.end) &&
    isDeepStrictEqual(whole.end, pieces.end) &&
    isByOne &&
    isDeepStrictEqual(whole.told.slice(0, common), pieces.told.slice(0, common))
  );
}

function complained(model: Model, { end }: Heard): boolean {
  return end.code !== 'connection-closed' && !isDeepStrictEqual(end, model.end);
}

/** Whether all that was changed are bytes of messages, and none into what may end a line or a packet. */
function isOnlyOfMessages({ bytes, messages }: Model, changed: Buffer): boolean {
  if (changed.length !== bytes.length) return false;
  for (const [index, byte] of changed.entries()) {
    if (byte === bytes[index]) continue;
    if (byte < SPACE || !messages.some(({ start, end }) => index >= start && index < end)) return false;
  }
  return true;
}

/** How much of a stream is as it was, at its start and its end, and how long it is in all. */
interface Unchanged {
  readonly start: number;
  readonly end: number;
  readonly length: number;
}

/** Of what lies whole behind the change, all is told from the first on that is, unless the session complained. */
function leftOut(model: Model, unchanged: Unchanged, heard: Heard): string | undefined {
  // A longer one may hold a copy of what lies behind it.
  if (unchanged.length - unchanged.start - unchanged.end > SHORTEST_ENTRY) return undefined;
  if (complained(model, heard)) return undefined;
  const { told } = heard;
  const start = model.bytes.length - unchanged.end;
  const behind = model.told.filter((_, index) => (model.toldAt[index - 1] ?? 0) >= start && isLater(model, index));
  const first = behind.findIndex((one) => told.some((other) => isSame(one, other)));
  if (first < 0) return undefined;
  const from = told.findIndex((other) => isSame(other, behind[first]));
  return told.length - from >= behind.length - first
    ? undefined
    : `left out some behind the change: ${JSON.stringify(told)}`;
}

function isSame(left: Told | undefined, right: Told | undefined): boolean {
  if (left?.kind !== 'message' || right?.kind !== 'message') return isDeepStrictEqual(left, right);
  return left.seq === right.seq && left.intact === right.intact && left.bytes === right.bytes;
}

/** Whether it has bytes of its own, rather than being told with the one before it. */
function isLater({ toldAt }: Model, index: number): boolean {
  return (toldAt[index] ?? 0) > (toldAt[index - 1] ?? 0);
}

function outcomeOf(model: Model, heard: Heard): string {
  const { told, end } = heard;
  if (told.length === model.told.length && told.every((one, index) => isSame(one, model.told[index]))) {
    if (isDeepStrictEqual(end, model.end)) return 'delivered';
  }
  return 'cause' in end ? end.cause : end.code;
}

function commonStart(left: Buffer, right: Buffer): number {
  const most = Math.min(left.length, right.length);
  let length = 0;
  while (length < most && left[length] === right[length]) length += 1;
  return length;
}

/** Without the bytes that are the common start already. */
function commonEnd(left: Buffer, right: Buffer, start: number): number {
  const most = Math.min(left.length, right.length) - start;
  let length = 0;
  while (length < most && left[left.length - 1 - length] === right[right.length - 1 - length]) length += 1;
  return length;
}
