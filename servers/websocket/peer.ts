import type { Socket } from 'node:net';
import type { WebSocket } from 'ws';
import { type Command, parseCommand } from '../../scenarios/feed/command.ts';
import { type Answer, encodeSignal, type Signal } from '../../scenarios/feed/signal.ts';
import { type Close, CLOSES } from './closes.ts';
import { type FrameForm, WebSocketSink } from './sink.ts';

interface Wire {
  readonly client: WebSocket;
  /** The one under `client`. */
  readonly socket: Socket;
}

interface PeerOptions {
  readonly slowMs: number;
  /** So much may wait for a client that goes on to talk, or is told what is over in a moment. */
  readonly sendBufferBytes: number;
}

/** A client's connection as the door has it, whoever the client is. */
export class Peer {
  readonly sink: WebSocketSink;
  readonly #client: WebSocket;
  readonly #socket: Socket;
  readonly #form: FrameForm;
  readonly #mostWaitingBytes: number;
  #undoing: (() => void)[] = [];
  /** At the last heartbeat: what had come, what the system had taken, and whether more waited. */
  #bytesRead = -1;
  #bytesTaken = 0;
  #hadWaiting = false;

  constructor(wire: Wire, form: FrameForm, { slowMs, sendBufferBytes }: PeerOptions) {
    this.sink = new WebSocketSink(wire, form, slowMs);
    this.#client = wire.client;
    this.#socket = wire.socket;
    this.#form = form;
    this.#mostWaitingBytes = sendBufferBytes;
    // ws answers a protocol error with the fitting close code by itself; without a listener it would be thrown.
    this.#client.on('error', this.#gone);
    this.#client.once('close', this.#gone);
  }

  /** Calls `run` once, when the connection is gone, or ws has ended it because of what came. */
  onGone(run: () => void): void {
    this.#undoing.push(run);
  }

  /** Calls `listener` with each text that comes while the connection is open; the returned function ends that. */
  hear(listener: (text: string) => void): () => void {
    const told = (data: Buffer): void => {
      if (this.sink.open) listener(data.toString());
    };
    this.#client.on('message', told);
    return () => this.#client.off('message', told);
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

  /**
   * Has `obey` do what the client says, and answers each command. A client that does not read its answers is not read either,
   * until the system has taken one.
   */
  serve(obey: (command: Command) => Promise<Answer>): void {
    this.hear((text) => {
      if (this.sink.waitingBytes > this.#mostWaitingBytes) this.#client.pause();
      this.#answer(text, obey).catch((error: unknown) => this.fail(error));
    });
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

  async #answer(text: string, obey: (command: Command) => Promise<Answer>): Promise<void> {
    const command = parseCommand(text);
    if (typeof command === 'string')
      this.say({ signal: 'answer', id: idIn(text), error: command, reason: 'malformed' });
    else this.say({ signal: 'answer', id: command.id ?? null, ...(await obey(command)) });
  }

  #send(signal: Buffer): void {
    if (this.sink.open) this.#client.send(this.#form.encode(signal), this.#form.frame, this.#taken);
  }

  readonly #gone = (): void => {
    const undoing = this.#undoing;
    this.#undoing = [];
    for (const run of undoing) run();
  };

  readonly #taken = (): void => {
    if (this.#client.isPaused) this.#client.resume();
  };
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
