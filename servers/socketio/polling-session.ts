import type { Answered, Session, SessionCommand, SessionEvents, SessionOptions } from '../transport.ts';
import { Conversation } from './conversation.ts';
import { Polls } from './polls.ts';

/** A session by polling alone. */
export class PollingSession implements Session {
  readonly #conversation: Conversation;
  readonly #polls: Polls;

  constructor(options: SessionOptions, events: SessionEvents) {
    const conversation = new Conversation(options, events, {
      begin: (handshake) => {
        this.#polls.begin(handshake);
        this.#polls.say(conversation.connectPacket);
      },
      connected: () => events.opened(),
      say: (packet) => this.#polls.say(packet),
      cut: (isLost) => this.#polls.close(isLost),
    });
    this.#conversation = conversation;
    this.#polls = new Polls(options, conversation.request, {
      text: (bytes, receivedNs) => conversation.text(bytes, receivedNs),
      binary: (bytes, receivedNs) => conversation.binary(bytes, receivedNs),
      answered: (messages, receivedNs) => events.answered(messages, receivedNs),
      reopened: () => events.reopened(),
      paused: () => undefined,
      ended: (end) => conversation.end(end),
    });
  }

  get extraConnections(): number {
    return Math.max(0, this.#polls.connections - 1);
  }

  get bytesRead(): number {
    return this.#polls.bytesRead;
  }

  get bytesWritten(): number {
    return this.#polls.bytesWritten;
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
