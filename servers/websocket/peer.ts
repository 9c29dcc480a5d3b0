import { isUtf8 } from 'node:buffer';
import type { WebSocket } from 'ws';
import { type Command, parseCommand } from '../../scenarios/feed/command.ts';
import { type Answer, encodeSignal, type Signal } from '../../scenarios/feed/signal.ts';
import type { WireSocket } from '../http2/websocket-stream.ts';
import { type Close, CLOSES } from './closes.ts';
import { type FrameForm, WebSocketSink } from './sink.ts';

export interface Wire {
  readonly client: WebSocket;
  /** The one under `client`. */
  readonly socket: WireSocket;
}

export interface PeerOptions {
  readonly slowMs: number;
  /** Absent: each entry is written by itself. */
  readonly gathers?: boolean;
  /** So much may wait for a client that goes on to talk, or is told what is over in a moment. */
  readonly sendBufferBytes: number;
}

type Obey = (command: Command) => Promise<Answer>;

/**
 * A client's connection as the door has it, whoever the client is. There are thousands that do nothing but listen: what each of
 * them holds is no more than it needs.
 */
export class Peer {
  readonly sink: WebSocketSink;
  readonly #client: WebSocket;
  readonly #socket: WireSocket;
  readonly #form: FrameForm;
  readonly #mostWaitingBytes: number;
  #hear: ((text: string) => void) | undefined;
  #obey: Obey | undefined;
  #undo: (() => void) | undefined;
  /** At the last heartbeat: what had come, what the system had taken, and whether more waited. */
  #bytesRead = -1;
  #bytesTaken = 0;
  #hadWaiting = false;

  constructor(wire: Wire, form: FrameForm, { slowMs, gathers = false, sendBufferBytes }: PeerOptions) {
    this.sink = new WebSocketSink(wire, form, { slowMs, gathers });
    this.#client = wire.client;
    this.#socket = wire.socket;
    this.#form = form;
    this.#mostWaitingBytes = sendBufferBytes;
    const gone = (): void => this.#gone();
    // ws answers a protocol error with the fitting close code by itself; without a listener it would be thrown.
    this.#client.on('error', gone);
    this.#client.on('close', gone);
    // A text is UTF-8, ws has seen to that; what is none in a binary frame is no command.
    this.#client.on('message', (data: Buffer, isBinary) =>
      this.#heard(isBinary && !isUtf8(data) ? '' : data.toString()),
    );
  }

  /** Calls `undo`, and nothing that was given before, once: when the connection is gone, or ws ends it because of what came. */
  onGone(undo: () => void): void {
    this.#undo = undo;
  }

  /** Calls `hear` with each text that comes while the connection is open, until it is served. */
  hear(hear: (text: string) => void): void {
    this.#hear = hear;
  }

  /**
   * Has `obey` do what the client says, and answers each command. A client that does not read its answers is not read either,
   * until the system has taken one.
   */
  serve(obey: Obey): void {
    this.#hear = undefined;
    this.#obey = obey;
  }

  /** Calls `exceeded` once more than so many bytes have come from now on; the returned function ends that. */
  limit(bytes: number, exceeded: () => void): () => void {
    const most = this.#socket.bytesRead + bytes;
    const look = (): void => {
      if (this.#socket.bytesRead > most && this.sink.open) exceeded();
    };
    this.#socket.on('data', look);
    return () => this.#socket.off('data', look);
  }

  say(signal: Signal): void {
    this.#send(encodeSignal(signal));
  }

  /** A signal that is said to many, and is nothing worth to whoever has not taken yet what came before. */
  pass(signal: Buffer): void {
    if (this.sink.waitingBytes <= this.#mostWaitingBytes) this.#send(signal);
  }

  /** The close goes out behind what waits already, so the client can see it if it reads in time. */
  close({ code, reason }: Close): void {
    this.#client.close(code, reason);
  }

  /** It is our fault, and no other client's affair. */
  fail(error: unknown): void {
    process.emitWarning(error instanceof Error ? error : String(error));
    this.close(CLOSES.fault);
  }

  /** Resolves when the connection is gone, at the latest after `patienceMs`. */
  async part(close: Close, patienceMs: number): Promise<void> {
    const impatience = setTimeout(() => this.#client.terminate(), patienceMs);
    await new Promise<void>((resolve) => {
      this.#client.once('close', () => resolve());
      this.close(close);
    });
    clearTimeout(impatience);
  }

  /**
   * Called once a heartbeat: a client from which nothing came since the last one, not even the pong, is not there any more. One
   * that reads slowly has its ping behind what waits, so that it takes something of it is as good a sign of life.
   */
  beat(): void {
    const { bytesRead, bytesWritten, writableLength } = this.#socket;
    const bytesTaken = bytesWritten - writableLength;
    if (bytesRead === this.#bytesRead && !(this.#hadWaiting && bytesTaken > this.#bytesTaken)) {
      this.#client.terminate();
      return;
    }
    this.#bytesRead = bytesRead;
    this.#bytesTaken = bytesTaken;
    this.#hadWaiting = writableLength > 0;
    this.#client.ping();
  }

  #heard(text: string): void {
    if (!this.sink.open) return;
    if (this.#hear !== undefined) {
      this.#hear(text);
      return;
    }
    if (this.#obey === undefined) return;
    if (this.sink.waitingBytes > this.#mostWaitingBytes) this.#client.pause();
    this.#answer(text, this.#obey).catch((error: unknown) => this.fail(error));
  }

  async #answer(text: string, obey: Obey): Promise<void> {
    const command = parseCommand(text);
    if (typeof command === 'string')
      this.say({ signal: 'answer', id: idIn(text), error: command, reason: 'malformed' });
    else this.say({ signal: 'answer', id: command.id ?? null, ...(await obey(command)) });
  }

  #send(signal: Buffer): void {
    if (this.sink.open) this.#client.send(this.#form.encode(signal), this.#form.frame, () => this.#readOn());
  }

  #readOn(): void {
    if (this.#client.isPaused) this.#client.resume();
  }

  #gone(): void {
    const undo = this.#undo;
    this.#undo = undefined;
    undo?.();
  }
}

/** That of what is no command, so that its sender knows which it was; null where there is none. */
function idIn(text: string): number | null {
  try {
    const value: unknown = JSON.parse(text);
    const id = typeof value === 'object' && value !== null && 'id' in value ? value.id : null;
    return typeof id === 'number' && Number.isSafeInteger(id) ? id : null;
  } catch {
    return null;
  }
}
