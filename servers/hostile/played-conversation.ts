import { setImmediate as nextTurn } from 'node:timers/promises';
import { monotonicNs } from '../../scenarios/clock.ts';
import type { SessionEnd } from '../../scenarios/session-end.ts';
import { headerProfile } from '../registry.ts';
import { acceptFor } from '../testing/raw-websocket.ts';
import { TestSubscriber, type Told } from '../testing/test-subscriber.ts';
import type { Conversation, Part } from './conversation.ts';
import { listenInMemory, type MemoryLine, type MemoryServer } from './memory-lines.ts';

/** A conversation up to one of its parts, which may be changed and cut. */
export interface Play {
  readonly conversation: Conversation;
  /** Which part is the last that is said, and what is said in its place. */
  readonly last: number;
  readonly bytes: Buffer;
  /** Where that is cut; ascending. */
  readonly cuts: readonly number[];
  /** How much a client should be told by its end; one that was told less is given more to read before the server closes. */
  readonly expected: number;
  /** How much more, in bytes. */
  readonly moreBytes?: number;
}

/** What a client made of it. */
export interface Heard {
  readonly told: readonly Told[];
  readonly end: SessionEnd;
  /** How much had been told before the last part, and after each of its pieces. */
  readonly toldBefore: number;
  readonly toldAfter: readonly number[];
  /** Whether it made nothing of what it was given, neither of more nor when the server closed. */
  readonly isLost: boolean;
}

const PATIENCE_MS = 10_000;
/** Ends every line, and whatever is shorter. */
const MORE = '\r\n';
const MORE_BYTES = 16 * 1024;
/** What a client leaves for later is done then. */
const TURNS = 3;
const ACCEPT = /\r\nSec-WebSocket-Accept: (\S{28})\r\n/;
let plays = 0;

/** Says it to the native client, whose session must end by itself, once, and be silent then. */
export async function play(script: Play): Promise<Heard> {
  plays += 1;
  // As long as an address of the loopback, so that requests are as long as they were.
  const host = `m${String(plays).padStart(8, '0')}`;
  const subscriber = new TestSubscriber();
  const speaker = new Speaker(script, subscriber);
  using listening = listenInMemory(host, speaker);
  const { openSession, values, port } = script.conversation;
  const poll = { originNs: monotonicNs(), intervalNs: 1e6 };
  const headers = headerProfile(values.headers);
  subscriber.session = openSession(
    { host: listening.host, port, position: { kind: 'oldest' }, values, headers, poll },
    subscriber,
  );
  await speaker.untilEnded();
  const { end, told } = subscriber;
  if (end === undefined) throw new Error(`the session hangs: nothing ended it in ${PATIENCE_MS} ms`);
  const before = told.length;
  for (let turn = 0; turn < TURNS; turn++) await nextTurn();
  speaker.finish();
  if (told.length !== before) throw new Error('something was told after the end');
  const { toldBefore, toldAfter, toldWaiting } = speaker;
  return { told, end, toldBefore, toldAfter, isLost: toldWaiting === told.length };
}

/** The server: says each part when as much was asked as when it was said first. */
class Speaker implements MemoryServer {
  readonly #script: Play;
  readonly #listener: TestSubscriber;
  readonly #lines: MemoryLine[] = [];
  readonly #requests = new Map<MemoryLine, string>();
  readonly #ended = Promise.withResolvers<void>();
  readonly #patience = setTimeout(() => this.#ended.resolve(), PATIENCE_MS);
  #clientBytes = 0;
  #next = 0;
  #isFinished = false;
  toldBefore = 0;
  readonly toldAfter: number[] = [];
  /** How much had been told to a session that was still open after all that it was given, and told nothing of the last. */
  toldWaiting = -1;

  constructor(script: Play, listener: TestSubscriber) {
    this.#script = script;
    this.#listener = listener;
    void listener.until(({ end }) => end !== undefined).then(() => this.#ended.resolve());
  }

  /** Resolves when the session ended, or nothing ended it in time; rejects with what a client threw while it read. */
  async untilEnded(): Promise<void> {
    await this.#ended.promise;
    clearTimeout(this.#patience);
  }

  connected(line: MemoryLine): void {
    this.#lines.push(line);
    if (this.#isFinished) line.close();
    else this.#goOn();
  }

  said(line: MemoryLine, bytes: Buffer): void {
    this.#clientBytes += bytes.length;
    if (!this.#requests.has(line)) this.#requests.set(line, bytes.toString('latin1'));
    this.#goOn();
  }

  /** Says nothing more to anybody. */
  finish(): void {
    this.#isFinished = true;
    for (const line of this.#lines) line.close();
  }

  #goOn(): void {
    const { conversation, last } = this.#script;
    while (this.#next <= last) {
      const part = conversation.parts[this.#next];
      const line = part === undefined ? undefined : this.#lines[part.connection];
      if (part === undefined || line === undefined || this.#clientBytes < part.afterClientBytes) return;
      this.#next += 1;
      if (this.#next <= last) this.#try(() => line.say(this.#answering(line, part.bytes, part)));
      else this.#sayLast(line, this.#answering(line, this.#script.bytes, part));
    }
  }

  #sayLast(line: MemoryLine, bytes: Buffer): void {
    const { cuts } = this.#script;
    this.toldBefore = this.#listener.told.length;
    const sayPiece = (index: number): void => {
      line.say(bytes.subarray(cuts[index - 1] ?? 0, cuts[index] ?? bytes.length));
      this.toldAfter.push(this.#listener.told.length);
      this.#later(index < cuts.length ? () => sayPiece(index + 1) : () => this.#later(() => this.#sayMore(line)));
    };
    this.#try(() => sayPiece(0));
  }

  /** To a client that was told too little, and then closes. */
  #sayMore(line: MemoryLine): void {
    const { told } = this.#listener;
    if (told.length >= this.#script.expected || this.#listener.end !== undefined) {
      this.finish();
      return;
    }
    const before = told.length;
    line.say(Buffer.from(MORE.repeat((this.#script.moreBytes ?? MORE_BYTES) / MORE.length)));
    this.#later(() => {
      if (this.#listener.end === undefined && told.length === before) this.toldWaiting = before;
      this.finish();
    });
  }

  #later(run: () => void): void {
    setImmediate(() => this.#try(run));
  }

  #try(run: () => void): void {
    try {
      run();
    } catch (error) {
      this.#ended.reject(error);
    }
  }

  /** With the proof of a handshake that fits the request at hand, where it stands as it stood. */
  #answering(line: MemoryLine, bytes: Buffer, original: Part): Buffer {
    const accept = ACCEPT.exec(original.bytes.toString('latin1', 0, 512))?.[1];
    const at = accept === undefined ? -1 : bytes.indexOf(accept, 0, 'latin1');
    if (at < 0) return bytes;
    const patched = Buffer.from(bytes);
    patched.write(acceptFor(this.#requests.get(line) ?? ''), at, 'latin1');
    return patched;
  }
}
