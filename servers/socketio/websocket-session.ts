import type { Answered, Session, SessionCommand, SessionEvents, SessionOptions } from '../transport.ts';
import { WebSocketConnection } from '../wire/websocket-connection.ts';
import { Conversation } from './conversation.ts';
import { handshakePath } from './path.ts';

/** A session over a WebSocket from the start: every packet is a message of its own. */
export class WebSocketSession implements Session {
  readonly #conversation: Conversation;
  readonly #connection: WebSocketConnection;

  constructor(options: SessionOptions, events: SessionEvents) {
    const { host, port, authority, handshakes, headers, values } = options;
    const conversation = new Conversation(options, events, {
      begin: () => this.#connection.send(conversation.connectPacket),
      connected: () => events.opened(),
      say: (packet) => this.#connection.send(packet),
      cut: () => this.#connection.close(),
    });
    this.#conversation = conversation;
    this.#connection = new WebSocketConnection(
      {
        host,
        port,
        authority,
        handshakes,
        path: handshakePath('websocket', options, conversation.request),
        deflate: values.compression === 'deflate',
        headers: conversation.request.headers(headers.upgrade(`${host}:${port}`)),
      },
      {
        opened: () => undefined,
        message: (bytes, receivedNs, isText) => {
          if (isText) conversation.text(bytes, receivedNs);
          else conversation.binary(bytes, receivedNs);
        },
        ended: (end) => conversation.end(end),
      },
    );
  }

  get bytesRead(): number {
    return this.#connection.bytesRead;
  }

  get bytesWritten(): number {
    return this.#connection.bytesWritten;
  }

  get remembered(): string | undefined {
    return this.#conversation.remembered;
  }

  say(command: SessionCommand, answered: Answered): void {
    this.#conversation.command(command, answered);
  }

  close(): void {
    this.#conversation.close();
  }
}
