import { nextTick } from 'node:process';
import { io, type ManagerOptions, type Socket, type SocketOptions } from 'socket.io-client';
import { monotonicNs } from '../../../scenarios/clock.ts';
import { otherEnd, type SessionEnd } from '../../../scenarios/session-end.ts';
import { transportRow } from '../../../servers/registry.ts';
import type { OpenSession, Session, SessionEvents, SessionOptions } from '../../../servers/transport.ts';
import { FeedReader } from '../../../servers/wire/feed-reader.ts';
import { CountingAgent } from '../counting-agent.ts';
import { headerFields } from '../header-fields.ts';
import { endOfConnectError, endOfDisconnect } from '../socketio-end.ts';
import { Sockets } from '../sockets.ts';

const TRANSPORTS = {
  websocket: ['websocket'],
  polling: ['polling'],
  upgrade: ['polling', 'websocket'],
} as const;

/** The event in which the feed comes, as its packet begins and ends: the entry stands between. */
const EVENT = 'm';
const PACKET_START = `2["${EVENT}",`;
const PACKET_END = ']';

/**
 * Listens with `socket.io-client`. It parses every message and hands out an object, in which the text is lost; so the packet is
 * kept as it came, and read when the library calls with what it has made of it. It does not come back by itself.
 */
class SocketIoSession implements Session {
  readonly #sockets = new Sockets();
  readonly #socket: Socket;
  readonly #agent = new CountingAgent(this.#sockets);
  readonly #events: SessionEvents;
  readonly #reader: FeedReader;
  readonly #shape: keyof typeof TRANSPORTS;
  /** Texts of events that the library has parsed and not handed out yet: it does that in the next turn. */
  readonly #texts: string[] = [];
  #inAnswer = 0;
  #opened = false;
  #closed = false;

  constructor(options: SessionOptions, events: SessionEvents) {
    this.#events = events;
    this.#shape = options.values.shape ?? 'websocket';
    this.#reader = new FeedReader(events, options.position, options.values.frames ?? 'text');
    this.#socket = io(`http://${options.host}:${options.port}`, this.#settings(options));
    this.#socket.on('connect', () => this.#connected());
    this.#socket.on(EVENT, (value: unknown) => this.#message(value));
    this.#socket.onAny((event: string) => this.#foreign(event));
    this.#socket.on('connect_error', (error) => this.#lost(endOfConnectError(error, this.#sockets.end)));
    this.#socket.on('disconnect', (reason, details) => this.#lost(endOfDisconnect(reason, details, this.#sockets.end)));
    this.#listen();
    this.#socket.connect();
  }

  get extraConnections(): number {
    return this.#sockets.extra;
  }

  get bytesRead(): number {
    return this.#sockets.bytesRead;
  }

  get bytesWritten(): number {
    return this.#sockets.bytesWritten;
  }

  close(): void {
    this.#closed = true;
    this.#socket.disconnect();
  }

  #settings({ host, port, position, headers }: SessionOptions): Partial<ManagerOptions & SocketOptions> {
    const place = `${host}:${port}`;
    return {
      path: transportRow('socketio').path,
      query: { since: String(position.kind === 'after' ? position.seq : 0) },
      transports: [...TRANSPORTS[this.#shape]],
      forceNew: true,
      reconnection: false,
      autoConnect: false,
      // Its types know the agents of browsers alone, which are none.
      agent: this.#agent as unknown as string,
      transportOptions: {
        polling: { extraHeaders: headerFields(headers.xhr(place)) },
        websocket: { extraHeaders: headerFields(headers.upgrade(place)) },
      },
    };
  }

  #listen(): void {
    const manager = this.#socket.io;
    manager.on('open', () => {
      const { engine } = manager;
      engine.on('packet', ({ type, data }: { type: string; data?: unknown }) => {
        if (type === 'message' && typeof data === 'string') this.#packet(data);
      });
      engine.on('upgrade', () => this.#connected());
      engine.on('upgradeError', (error) => this.#lost(otherEnd(error.message)));
      engine.transport.on('pollComplete', () => this.#answered());
    });
  }

  #packet(text: string): void {
    if (text.startsWith('2') || text.startsWith('5')) this.#inAnswer += 1;
    if (text.startsWith('2')) this.#texts.push(text);
  }

  #connected(): void {
    const { connected, io: manager } = this.#socket;
    const isThere = connected && (this.#shape !== 'upgrade' || manager.engine.transport.name === 'websocket');
    if (!isThere || this.#opened || this.#closed) return;
    this.#opened = true;
    this.#events.opened();
  }

  #message(value: unknown): void {
    const receivedNs = monotonicNs();
    const entry = Buffer.isBuffer(value) ? value : this.#nextEntry();
    if (!this.#closed) this.#sockets.handle(() => this.#reader.accept(entry, receivedNs));
  }

  #nextEntry(): Buffer {
    const text = this.#texts.shift() ?? '';
    return Buffer.from(text.slice(PACKET_START.length, -PACKET_END.length));
  }

  #foreign(event: string): void {
    if (event === EVENT || this.#closed) return;
    this.#events.foreign(Buffer.from(this.#texts.shift() ?? event));
  }

  /** The library hands out what was in an answer in the next turn; then the answer has been taken. */
  #answered(): void {
    const receivedNs = monotonicNs();
    const messages = this.#inAnswer;
    this.#inAnswer = 0;
    nextTick(() => {
      if (!this.#closed) this.#sockets.handle(() => this.#events.answered(messages, receivedNs));
    });
  }

  #lost(end: SessionEnd): void {
    if (this.#closed) return;
    this.close();
    this.#agent.destroy();
    this.#events.lost(end);
  }
}

export const openSession: OpenSession = (options, events) => new SocketIoSession(options, events);
