import { connect, type Socket } from 'node:net';
import { WebSocket } from 'ws';
import { monotonicNs } from '../../../scenarios/clock.ts';
import type { ProtocolCause, SessionEnd } from '../../../scenarios/session-end.ts';
import { transportRow } from '../../../servers/registry.ts';
import type {
  Answered,
  OpenSession,
  Session,
  SessionCommand,
  SessionEvents,
  SessionOptions,
} from '../../../servers/transport.ts';
import { subprotocolFor } from '../../../servers/websocket/subprotocols.ts';
import { Talk } from '../../../servers/websocket/talk.ts';
import { openTlsSocket, peerOf, schemeOf } from '../../../servers/tls/tls-socket.ts';
import { FeedReader } from '../../../servers/wire/feed-reader.ts';
import { endOfError, endOfStatus } from '../error-end.ts';
import { headerFields } from '../header-fields.ts';
import { Http2WebSocket } from '../http2-websocket.ts';
import { Sockets } from '../sockets.ts';
import { speaksHttp2 } from '../undici-client.ts';

/** Reserved for a connection that ended without a close frame (RFC 6455, section 7.1.5). */
const ABNORMAL = 1006;

/** Listens and talks with `ws`: every message is a frame of its own. */
class WebSocketSession implements Session {
  readonly #events: SessionEvents;
  readonly #sockets = new Sockets();
  readonly #socket: WebSocket;
  readonly #talk: Talk;
  readonly #isBinary: boolean;
  #cause: SessionEnd | undefined;
  #closed = false;

  constructor(options: SessionOptions, events: SessionEvents) {
    const { position, values, member } = options;
    const { frames = 'text', compression, auth } = values;
    const deflates = compression === 'deflate';
    this.#talk = new Talk({ member, auth }, events);
    const reader = new FeedReader(this.#talk.heard, position, frames);
    this.#events = events;
    this.#isBinary = frames === 'binary';
    this.#socket = speaksHttp2(values) ? this.#openInStream(options) : this.#openByUpgrade(options);
    this.#socket.on('open', () => {
      if (deflates && this.#socket.extensions === '') this.#refuse('extension');
      else this.#talk.begin((text) => this.#send(text));
    });
    this.#socket.on('message', (data: Buffer, isBinary) => {
      const receivedNs = monotonicNs();
      if (this.#closed) return;
      if (isBinary === this.#isBinary) this.#sockets.handle(() => reader.accept(data, receivedNs));
      else this.#refuse('frame-kind');
    });
    this.#watch();
  }

  get bytesRead(): number {
    return this.#sockets.bytesRead;
  }

  get bytesWritten(): number {
    return this.#sockets.bytesWritten;
  }

  say(command: SessionCommand, answered: Answered): void {
    if (!this.#closed) this.#send(this.#talk.command(command, answered));
  }

  close(): void {
    this.#closed = true;
    this.#socket.close();
  }

  #openByUpgrade(options: SessionOptions): WebSocket {
    const { host, port, position, headers, values, authority } = options;
    const { request } = this.#talk;
    return new WebSocket(
      `${authority === undefined ? 'ws' : 'wss'}://${host}:${port}${pathFrom(position)}${request.query}`,
      subprotocolFor(values.frames ?? 'text'),
      {
        headers: headerFields(request.headers(headers.upgrade(`${host}:${port}`))),
        perMessageDeflate: values.compression === 'deflate',
        createConnection: () => this.#connect(options),
      },
    );
  }

  #openInStream(options: SessionOptions): WebSocket {
    const { host, port, position, headers, values } = options;
    const { request } = this.#talk;
    return new Http2WebSocket({
      origin: `${schemeOf(options)}://${host}:${port}`,
      path: `${pathFrom(position)}${request.query}`,
      subprotocol: subprotocolFor(values.frames ?? 'text'),
      headers: headerFields(request.headers(headers.upgrade(`${host}:${port}`)), values),
      createConnection: () => this.#connect(options, ['h2']),
    });
  }

  #connect(options: SessionOptions, protocols?: readonly string[]): Socket {
    const { host, port } = options;
    const peer = peerOf(options);
    if (peer === undefined) return this.#sockets.add(connect({ host, port, noDelay: true }));
    const { carrier, wire } = openTlsSocket({ host, port }, peer, protocols);
    return this.#sockets.add(carrier, wire);
  }

  #send(text: string): void {
    this.#socket.send(text, { binary: this.#isBinary });
  }

  #watch(): void {
    this.#socket.on('unexpected-response', (request, { statusCode = 0, statusMessage = '' }) => {
      this.#lost(endOfStatus(statusCode, statusMessage));
      request.destroy();
    });
    this.#socket.on('unexpected-status', (status: number) => this.#lost(endOfStatus(status, '')));
    // Its close follows.
    this.#socket.on('error', (error) => {
      this.#cause ??= endOfError(error);
    });
    this.#socket.on('close', (code, reason) => {
      if (code === ABNORMAL) this.#lost(this.#cause ?? this.#sockets.end);
      else if (reason.length === 0) this.#lost({ code: 'websocket-close', closeCode: code });
      else this.#lost({ code: 'websocket-close', closeCode: code, text: reason.toString() });
    });
  }

  /** What the library lets pass. */
  #refuse(cause: ProtocolCause): void {
    this.#lost({ code: 'protocol', cause });
    this.#socket.terminate();
  }

  #lost(end: SessionEnd): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#events.lost(end);
  }
}

function pathFrom(position: SessionOptions['position']): string {
  return `${transportRow('websocket').path}?since=${position.kind === 'after' ? position.seq : 0}`;
}

export const openSession: OpenSession = (options, events) => new WebSocketSession(options, events);
