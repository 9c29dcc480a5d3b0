import type { Agent } from 'node:http';
import { nextTick } from 'node:process';
import { z } from 'zod';
import { io, type ManagerOptions, type Socket, type SocketOptions } from 'socket.io-client';
import { monotonicNs } from '../../../scenarios/clock.ts';
import { type Answer, isAnswer, readSignal } from '../../../scenarios/feed/signal.ts';
import { otherEnd, type SessionEnd } from '../../../scenarios/session-end.ts';
import { transportRow } from '../../../servers/registry.ts';
import type {
  Answered,
  OpenSession,
  Session,
  SessionCommand,
  SessionEvents,
  SessionOptions,
} from '../../../servers/transport.ts';
import { FeedReader } from '../../../servers/wire/feed-reader.ts';
import { memberRequest } from '../../../servers/hub/member-request.ts';
import { peerOf, schemeOf } from '../../../servers/tls/tls-socket.ts';
import { countingAgent } from '../counting-agent.ts';
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
/** What is not numbered. */
const SIGNAL_EVENT = 'signal';
const SIGNAL_START = `2["${SIGNAL_EVENT}",`;
/** What a client says; the acknowledgement is the answer. */
const COMMAND_EVENT = 'command';
const rememberedSchema = z.strictObject({ pid: z.string(), offset: z.string() });
/** CONNECT is answered with it by a server that remembers sessions. */
const PID = /^0\{.*"pid":"([^"]+)"/;

/**
 * Listens and talks with `socket.io-client`. It parses every message and hands out an object, in which the text is lost; so the packet is
 * kept as it came, and read when the library calls with what it has made of it. It does not come back by itself.
 */
class SocketIoSession implements Session {
  readonly #sockets = new Sockets();
  readonly #socket: Socket;
  readonly #agent: Agent;
  readonly #events: SessionEvents;
  readonly #reader: FeedReader;
  readonly #shape: keyof typeof TRANSPORTS;
  /** Texts of events that the library has parsed and not handed out yet: it does that in the next turn. */
  readonly #texts: string[] = [];
  /** Which session this is, and the last event that came of it, for a server that remembers sessions; otherwise undefined. */
  #remembered: { readonly pid: string; readonly offset: string } | undefined;
  #inAnswer = 0;
  #opened = false;
  #closed = false;

  constructor(options: SessionOptions, events: SessionEvents) {
    this.#events = events;
    if (options.remembered !== undefined) this.#remembered = rememberedSchema.parse(JSON.parse(options.remembered));
    this.#shape = options.values.shape ?? 'websocket';
    this.#reader = new FeedReader(events, options.position, options.values.frames ?? 'text');
    this.#agent = countingAgent(this.#sockets, peerOf(options));
    this.#socket = io(`${schemeOf(options)}://${options.host}:${options.port}`, this.#settings(options));
    this.#socket.on('connect', () => this.#connected());
    this.#socket.on(EVENT, (value: unknown, offset?: unknown) => this.#message(value, offset));
    this.#socket.on(SIGNAL_EVENT, () => this.#signal());
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

  get remembered(): string | undefined {
    return this.#remembered === undefined ? undefined : JSON.stringify(this.#remembered);
  }

  say(command: SessionCommand, answered: Answered): void {
    this.#socket.emit(COMMAND_EVENT, command, (answer: unknown) => this.#answer(answer, answered));
  }

  close(): void {
    this.#closed = true;
    this.#socket.disconnect();
  }

  #settings(options: SessionOptions): Partial<ManagerOptions & SocketOptions> {
    const { host, port, headers, member, values } = options;
    const place = `${host}:${port}`;
    const request = memberRequest(member, values.auth);
    const auth = saidAtConnect(options, request.says);
    return {
      path: transportRow('socketio').path,
      query: { ...sinceOf(options), ...Object.fromEntries(new URLSearchParams(request.query)) },
      ...(auth !== undefined && { auth }),
      transports: [...TRANSPORTS[this.#shape]],
      forceNew: true,
      reconnection: false,
      autoConnect: false,
      // Its types know the agents of browsers alone, which are none.
      agent: this.#agent as unknown as string,
      transportOptions: {
        polling: { extraHeaders: headerFields(request.headers(headers.xhr(place))) },
        websocket: { extraHeaders: headerFields(request.headers(headers.upgrade(place))) },
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
    if (text.startsWith(PACKET_START) || text.startsWith('5')) this.#inAnswer += 1;
    if (text.startsWith('2')) this.#texts.push(text);
    if (text.startsWith('0')) this.#began(PID.exec(text)?.[1]);
  }

  #began(pid: string | undefined): void {
    if (pid !== undefined && pid !== this.#remembered?.pid) this.#remembered = { pid, offset: '' };
  }

  #connected(): void {
    const { connected, io: manager } = this.#socket;
    const isThere = connected && (this.#shape !== 'upgrade' || manager.engine.transport.name === 'websocket');
    if (!isThere || this.#opened || this.#closed) return;
    this.#opened = true;
    this.#events.opened();
  }

  #message(value: unknown, offset: unknown): void {
    const receivedNs = monotonicNs();
    if (typeof offset === 'string') this.#remembered = { pid: '', ...this.#remembered, offset };
    const entry = Buffer.isBuffer(value) ? value : this.#nextEntry();
    if (!this.#closed) this.#sockets.handle(() => this.#reader.accept(entry, receivedNs));
  }

  #nextEntry(): Buffer {
    const text = this.#texts.shift() ?? '';
    // An offset, which has no comma in it, may stand behind the entry.
    const end = text.endsWith(`"${PACKET_END}`) ? text.lastIndexOf(',') : -PACKET_END.length;
    return Buffer.from(text.slice(PACKET_START.length, end));
  }

  #signal(): void {
    const receivedNs = monotonicNs();
    const text = this.#texts.shift() ?? '';
    const bytes = Buffer.from(text.slice(SIGNAL_START.length, -PACKET_END.length));
    const signal = readSignal(bytes);
    if (this.#closed) return;
    this.#sockets.handle(() => {
      if (signal === undefined) this.#events.foreign(bytes);
      else this.#events.signal(signal, receivedNs);
    });
  }

  #answer(answer: unknown, answered: Answered): void {
    const receivedNs = monotonicNs();
    if (this.#closed) return;
    if (!isWholeAnswer(answer)) this.#lost({ code: 'protocol', cause: 'packet' });
    else this.#sockets.handle(() => answered(answer, receivedNs));
  }

  #foreign(event: string): void {
    if (event === EVENT || event === SIGNAL_EVENT || this.#closed) return;
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

function isWholeAnswer(value: unknown): value is Answer {
  return typeof value === 'object' && value !== null && isAnswer(value);
}

/** Whoever shows a session that it had goes on with it. */
function sinceOf({ position, remembered }: SessionOptions): { since?: string } {
  return remembered === undefined ? { since: String(position.kind === 'after' ? position.seq : 0) } : {};
}

function saidAtConnect({ remembered }: SessionOptions, token: string | undefined): object | undefined {
  const said = {
    ...(token !== undefined && { token }),
    ...(remembered !== undefined && (JSON.parse(remembered) as object)),
  };
  return Object.keys(said).length === 0 ? undefined : said;
}

export const openSession: OpenSession = (options, events) => new SocketIoSession(options, events);
