import type { Answered, Session, SessionCommand, SessionEvents, SessionOptions } from '../transport.ts';
import { WebSocketConnection } from '../wire/websocket-connection.ts';
import { Conversation, type Handshake } from './conversation.ts';
import { sessionPath } from './path.ts';
import { Polls } from './polls.ts';

const PROBED = Buffer.from('3probe');

/**
 * A session that begins by polling and goes on over a WebSocket: probe, end of the polls, upgrade. It stands when both are done,
 * and ends where the server will not upgrade: half of it would be another shape.
 */
export class UpgradeSession implements Session {
  readonly #options: SessionOptions;
  readonly #events: SessionEvents;
  readonly #conversation: Conversation;
  readonly #polls: Polls;
  #socket: WebSocketConnection | undefined;
  #state: 'polling' | 'probed' | 'upgraded' = 'polling';
  #isConnected = false;

  constructor(options: SessionOptions, events: SessionEvents) {
    this.#options = options;
    this.#events = events;
    const conversation = new Conversation(options, events, {
      begin: (handshake) => {
        if (handshake.upgrades.includes('websocket')) this.#begin(handshake);
        else conversation.violate('no-upgrade');
      },
      connected: () => {
        this.#isConnected = true;
        this.#stand();
      },
      say: (packet) => this.#say(packet),
      cut: () => {
        this.#polls.close(false);
        this.#socket?.close();
      },
    });
    this.#conversation = conversation;
    this.#polls = new Polls(options, conversation.request, {
      text: (bytes, receivedNs) => conversation.text(bytes, receivedNs),
      binary: (bytes, receivedNs) => conversation.binary(bytes, receivedNs),
      // Of setting up.
      answered: () => undefined,
      reopened: () => events.reopened(),
      paused: (unsaid) => this.#upgrade(unsaid),
      ended: (end) => conversation.end(end),
    });
  }

  get bytesRead(): number {
    return this.#polls.bytesRead + (this.#socket?.bytesRead ?? 0);
  }

  get bytesWritten(): number {
    return this.#polls.bytesWritten + (this.#socket?.bytesWritten ?? 0);
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

  #begin(handshake: Handshake): void {
    const { host, port, authority, handshakes, headers, values } = this.#options;
    this.#polls.begin(handshake);
    this.#polls.say(this.#conversation.connectPacket);
    this.#socket = new WebSocketConnection(
      {
        host,
        port,
        authority,
        handshakes,
        path: sessionPath('websocket', handshake.sid),
        deflate: values.compression === 'deflate',
        headers: this.#conversation.request.headers(headers.upgrade(`${host}:${port}`)),
      },
      {
        opened: () => this.#socket?.send('2probe'),
        message: (bytes, receivedNs, isText) => {
          if (this.#state !== 'upgraded') this.#probed(bytes);
          else if (isText) this.#conversation.text(bytes, receivedNs);
          else this.#conversation.binary(bytes, receivedNs);
        },
        ended: (end) => this.#conversation.end(end),
      },
    );
  }

  #probed(packet: Buffer): void {
    if (this.#state !== 'polling' || !packet.equals(PROBED)) {
      this.#conversation.violate('packet-order');
      return;
    }
    this.#state = 'probed';
    // The server answers a poll that it holds, on a timer of 100 ms.
    this.#polls.pause();
  }

  #upgrade(unsaid: readonly string[]): void {
    this.#state = 'upgraded';
    for (const packet of ['5', ...unsaid]) this.#socket?.send(packet);
    this.#stand();
  }

  #stand(): void {
    if (this.#isConnected && this.#state === 'upgraded') this.#events.opened();
  }

  #say(packet: string): void {
    if (this.#state === 'upgraded') this.#socket?.send(packet);
    else this.#polls.say(packet);
  }
}
