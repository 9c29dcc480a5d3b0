import { isDeepStrictEqual } from 'node:util';
import { describe, expect, test } from 'vitest';
import { errorMessage } from '../../scenarios/failures.ts';
import type { DimensionValues } from '../../scenarios/dimensions.ts';
import { encodeBinary } from '../../scenarios/feed/binary-message.ts';
import { encodeBody, encodeMessage } from '../../scenarios/feed/message.ts';
import { seededRandom } from '../../scenarios/feed/random.ts';
import type { TransportId } from '../registry.ts';
import { answer, chunkedAnswer } from '../testing/feed-answers.ts';
import { inLanes } from '../testing/lanes.ts';
import { mutated } from '../testing/mutated-bytes.ts';
import { type Played, play, type Script } from './played-stream.ts';
import {
  acceptFor,
  closeFrame,
  deflated,
  encodedFrame,
  type FrameShape,
  handshakeAnswer,
} from '../testing/raw-websocket.ts';
import { numbers, type Told } from '../testing/test-subscriber.ts';
import { OPCODE } from '../wire/frames.ts';
import { encodeAnswer } from '../wire/http-answer.ts';
import { fuzzSetting } from './fuzz-settings.ts';

/**
 * What a network and a broken server can do to a stream: cut it anywhere, change it anyhow. A session delivers what was sent,
 * or ends with its cause; it never hangs, fails, or says something else because of where the stream was cut.
 */

/** Streams of each kind, over real connections, which take their time. */
const STREAMS = Math.min(1000, fuzzSetting('FUZZ_STREAMS', 200));
const SEED = fuzzSetting('FUZZ_SEED', 1);

const MESSAGES = 4;

const PATIENCE_MS = 290_000;
/** Always the same, so that a seed says all. */
const feed = numbers(1, MESSAGES).map((seq) => {
  const data = JSON.stringify({ price: 17.5, name: 'größer', note: 'x'.repeat(40) });
  return encodeMessage(seq, encodeBody(5e15 + seq, 5e15 + seq + 1, data));
});
const [first, second, third] = [feed.slice(0, 1), feed.slice(1, 3), feed.slice(3)].map((part) => encodeAnswer(part));
const early = Buffer.from('HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n');

/** Stands where the proof of the handshake goes, which is another one each time. */
const ACCEPT = 'A'.repeat(27).concat('=');

function frames(parts: readonly Buffer[], fields: Record<string, string> = {}): Buffer {
  return Buffer.concat([Buffer.from(handshakeAnswer('', { 'Sec-WebSocket-Accept': ACCEPT, ...fields })), ...parts]);
}

function fragments(message: Buffer, shape: FrameShape): Buffer {
  return Buffer.concat([
    encodedFrame(message.subarray(0, 5), { ...shape, fin: false }),
    encodedFrame('between', { opcode: OPCODE.ping }),
    encodedFrame('', { opcode: OPCODE.continuation, fin: false }),
    encodedFrame(message.subarray(5), { opcode: OPCODE.continuation }),
  ]);
}

/** The last message in fragments, and a close. */
function conversation(messages: readonly Buffer[], shape: FrameShape): Buffer[] {
  return [
    ...messages.slice(0, -1).map((message) => encodedFrame(message, shape)),
    ...messages.slice(-1).map((message) => fragments(message, shape)),
    closeFrame(1000, 'größer'),
  ];
}

interface Kind {
  readonly name: string;
  readonly transport: TransportId;
  readonly values?: DimensionValues;
  /** What the server says to each request. */
  readonly says: readonly Buffer[];
}

function scriptOf(says: readonly Buffer[]): Script {
  return says.map((bytes) => (request) => {
    const text = bytes.toString('latin1').replaceAll(ACCEPT, acceptFor(request));
    return Buffer.from(text, 'latin1');
  });
}

/** An event stream with all that may stand in one, in chunks that are no events. */
function eventStream([one, two, three, four]: readonly Buffer[]): Buffer {
  const event = (before: string, message: Buffer | undefined, after: string): Buffer =>
    Buffer.concat([Buffer.from(before), message ?? Buffer.alloc(0), Buffer.from(after)]);
  const stream = Buffer.concat([
    event('\uFEFFretry: 10\n\nid: 1\ndata: ', one, '\n\n: größer\r\r'),
    event('id:2\r\nevent: message\r\ndata:', two, '\r\n\r\n'),
    event('other: x\rid: 3\rdata: ', three, '\r\r'),
    event('data: ', four, '\nid: 4\nevent\n\nid: 5\ndata: not finished\n'),
  ]);
  return chunkedAnswer(stream, 100, 'HTTP/1.1 200 OK\r\nContent-Type: text/event-stream; charset=utf-8');
}

const KINDS: readonly Kind[] = [
  {
    name: 'answers with a length, in chunks, and up to the close',
    transport: 'long-polling',
    says: [
      Buffer.concat([early, answer(first ?? early)]),
      chunkedAnswer(second ?? early, 100),
      Buffer.concat([Buffer.from('HTTP/1.1 200 OK\r\n\r\n'), third ?? early]),
    ],
  },
  {
    name: 'events with all kinds of line ends',
    transport: 'sse',
    says: [eventStream(feed)],
  },
  {
    name: 'frames and fragments',
    transport: 'websocket',
    says: [frames(conversation(feed, { opcode: OPCODE.text }))],
  },
  {
    name: 'frames and fragments in the compact form',
    transport: 'websocket',
    values: { frames: 'binary' },
    says: [
      frames(conversation(feed.map(encodeBinary), { opcode: OPCODE.binary }), { 'Sec-WebSocket-Protocol': 'binary' }),
    ],
  },
  {
    name: 'frames and fragments that are deflated, each knowing those before it',
    transport: 'websocket',
    values: { compression: 'deflate' },
    says: [
      frames(conversation(deflated(feed), { opcode: OPCODE.text, rsv1: true }), {
        'Sec-WebSocket-Extensions': 'permessage-deflate',
      }),
    ],
  },
];

const whole = (): number[] => [];
const everywhere = (length: number): number[] =>
  Array.from({ length: Math.max(0, length - 1) }, (_, index) => index + 1);

function somewhere(seed: number): (length: number) => number[] {
  const random = seededRandom(seed);
  return (length) => everywhere(length).filter(() => random() < 4 / length);
}

/** The same kind up to one of its answers, which is changed. */
function changedScript({ says }: Kind, seed: number): Script {
  const victim = seed % says.length;
  const upTo = says.slice(0, victim + 1);
  return scriptOf(upTo.map((bytes, index) => (index < victim ? bytes : mutated(bytes, seed))));
}

/**
 * Bytes behind an answer are known to be unasked only where they come with it: later they look like the next answer. Where
 * such a stream is cut decides what is said of it.
 */
function dependsOnCuts({ end }: Played): boolean {
  return end.code === 'protocol' && end.cause === 'unasked-answer';
}

/** What is wrong with how a changed stream was read. */
async function faultOf(kind: Kind, seed: number): Promise<string | undefined> {
  const script = changedScript(kind, seed);
  const { transport, values = {} } = kind;
  try {
    const played = await play({ transport, values, script, cuts: whole });
    const cut = await play({ transport, values, script, cuts: somewhere(seed) });
    if (dependsOnCuts(played) || dependsOnCuts(cut) || isDeepStrictEqual(cut, played)) return undefined;
    return `in pieces ${JSON.stringify(cut)}, as a whole ${JSON.stringify(played)}`;
  } catch (error) {
    return errorMessage(error);
  }
}

function isMessage(told: Told): boolean {
  return told.kind === 'message' && told.intact;
}

describe.each(KINDS)('$name', (kind) => {
  test('are read as they are, byte by byte and cut at each byte', { timeout: PATIENCE_MS }, async () => {
    const { transport, values = {}, says } = kind;
    const script = scriptOf(says);
    const good = await play({ transport, values, script, cuts: whole });
    expect(good.told).toHaveLength(MESSAGES);
    expect(good.told.every(isMessage)).toBe(true);
    expect(await play({ transport, values, script, cuts: everywhere })).toEqual(good);
    const longest = Math.max(...says.map(({ length }) => length));
    await inLanes(longest, async (at) => {
      expect(await play({ transport, values, script, cuts: (length) => (at < length ? [at] : []) })).toEqual(good);
    });
  });

  test('that were changed end with a cause, the same wherever they are cut', { timeout: PATIENCE_MS }, async () => {
    const faults: string[] = [];
    await inLanes(STREAMS, async (index) => {
      const seed = SEED * 1_000_003 + index;
      const fault = await faultOf(kind, seed);
      if (fault !== undefined) faults.push(`seed ${seed}: ${fault}`);
    });
    expect(faults).toEqual([]);
  });
});
