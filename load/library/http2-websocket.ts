import { type ClientHttp2Session, type ClientHttp2Stream, connect, type SecureClientSessionOptions } from 'node:http2';
import type { Duplex } from 'node:stream';
import { WebSocket } from 'ws';

interface Http2WebSocketOptions {
  /** Such as `http://127.0.0.1:3000`. */
  readonly origin: string;
  /** With its query. */
  readonly path: string;
  readonly subprotocol: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Opens what the session lies on. */
  readonly createConnection: NonNullable<SecureClientSessionOptions['createConnection']>;
}

/** What `ws` has and its types leave out: it takes any stream, whatever stood before it. */
interface Inside {
  emitClose(): void;
  setSocket(socket: Duplex, head: Buffer, options: { maxPayload: number; allowSynchronousEvents: boolean }): void;
}

/** Of ws itself. */
const MOST_PAYLOAD_BYTES = 100 * 1024 * 1024;

/**
 * A client's WebSocket of `ws` in a stream of HTTP/2 (RFC 8441), with a session of its own. `ws` asks for an upgrade of HTTP/1.1
 * alone, so the request is made here; all that comes after its answer is the library's. Emits `unexpected-status` where that is no 200.
 */
export class Http2WebSocket extends WebSocket {
  readonly #session: ClientHttp2Session;

  constructor(options: Http2WebSocketOptions) {
    // Without an address nothing is connected; the types ask for no options then, and the library does.
    super(...([null, undefined, { autoPong: true }] as unknown as [null]));
    const { origin, createConnection } = options;
    this.#session = connect(origin, { createConnection });
    this.#session.once('remoteSettings', ({ enableConnectProtocol = false }) => {
      if (enableConnectProtocol) this.#ask(options);
      else this.#fail(new Error('the server takes no WebSockets over HTTP/2 (SETTINGS_ENABLE_CONNECT_PROTOCOL)'));
    });
    this.#session.on('error', (error: Error) => this.#fail(error));
    this.#session.on('close', () => this.#fail(undefined));
    this.once('close', () => this.#session.close());
  }

  override close(code?: number, data?: string | Buffer): void {
    if (this.readyState === WebSocket.CONNECTING) this.#session.destroy();
    else super.close(code, data);
  }

  override terminate(): void {
    this.#session.destroy();
  }

  #ask({ origin, path, subprotocol, headers }: Http2WebSocketOptions): void {
    const { protocol, host } = new URL(origin);
    const stream = this.#session.request(
      {
        ':method': 'CONNECT',
        ':protocol': 'websocket',
        ':scheme': protocol.slice(0, -1),
        ':authority': host,
        ':path': path,
        ...headers,
        'sec-websocket-version': '13',
        'sec-websocket-protocol': subprotocol,
      },
      { endStream: false },
    );
    stream.once('error', (error: Error) => this.#fail(error));
    stream.once('response', (answer) => this.#begin(stream, answer));
  }

  #begin(stream: ClientHttp2Stream, answer: { [name: string]: unknown; ':status'?: number | undefined }): void {
    const status = answer[':status'] ?? 0;
    if (status !== 200) {
      this.emit('unexpected-status', status);
      this.#session.destroy();
      return;
    }
    // A client masks, and says what was agreed on.
    Object.assign(this, { _isServer: false, _protocol: answer['sec-websocket-protocol'] ?? '' });
    (this as unknown as Inside).setSocket(stream, Buffer.alloc(0), {
      maxPayload: MOST_PAYLOAD_BYTES,
      allowSynchronousEvents: true,
    });
  }

  /** Before it stands; after that the stream tells ws. */
  #fail(error: Error | undefined): void {
    if (this.readyState !== WebSocket.CONNECTING) return;
    Object.assign(this, { _readyState: WebSocket.CLOSING });
    if (error !== undefined) this.emit('error', error);
    (this as unknown as Inside).emitClose();
  }
}
