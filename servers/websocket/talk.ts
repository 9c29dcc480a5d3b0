import type { ValueOf } from '../../scenarios/dimensions.ts';
import { type Answer, isAccepted, type Signal } from '../../scenarios/feed/signal.ts';
import type { Answered, SessionCommand, SessionEvents, SessionMember } from '../transport.ts';
import type { FeedEvents } from '../wire/feed-reader.ts';
import { type MemberRequest, memberRequest } from '../hub/member-request.ts';

type AnswerSignal = Extract<Signal, { readonly signal: 'answer' }>;

/**
 * The client's side of a conversation on a WebSocket, whoever's frames these are: what is asked for in the request, what is said
 * first, when the client is let in, and which answer is that of which command.
 */
export class Talk {
  /** Where it is said who asks, and what for. */
  readonly request: MemberRequest;
  /** To be told what comes; a client without a name hears nothing but the feed. */
  readonly heard: FeedEvents;
  readonly #events: SessionEvents;
  readonly #answered = new Map<number, Answered>();
  /** While it is not known whether the token that was shown is good. */
  #isWaiting: boolean;
  #lastId = 0;

  constructor(
    {
      member,
      auth = 'none',
    }: { readonly member: SessionMember | undefined; readonly auth: ValueOf<'auth'> | undefined },
    events: SessionEvents,
  ) {
    this.request = memberRequest(member, auth);
    this.#events = events;
    this.#isWaiting = member?.token !== undefined && auth !== 'none';
    this.heard = member === undefined ? events : this.#hearing(events);
  }

  /** The connection stands; `say` sends a text over it. */
  begin(say: (text: string) => void): void {
    const { says: token } = this.request;
    if (token !== undefined) say(JSON.stringify({ type: 'auth', token }));
    if (!this.#isWaiting) this.#events.opened();
  }

  /** The text of a command, whose answer is told. */
  command(command: SessionCommand, answered: Answered): string {
    this.#lastId += 1;
    this.#answered.set(this.#lastId, answered);
    return JSON.stringify({ ...command, id: this.#lastId });
  }

  #hearing(events: SessionEvents): FeedEvents {
    return {
      message: (header, payloadBytes, receivedNs) => events.message(header, payloadBytes, receivedNs),
      notice: (notice) => events.notice(notice),
      signal: (signal, receivedNs) => this.#signal(signal, receivedNs),
      foreign: (bytes) => events.foreign(bytes),
    };
  }

  #signal(signal: Signal, receivedNs: number): void {
    if (signal.signal === 'answer' && signal.id !== null) {
      const answered = this.#answered.get(signal.id);
      this.#answered.delete(signal.id);
      answered?.(answerIn(signal), receivedNs);
      return;
    }
    if (signal.signal === 'auth_success' && this.#isWaiting) {
      this.#isWaiting = false;
      this.#events.opened();
    }
    this.#events.signal(signal, receivedNs);
  }
}

function answerIn(signal: AnswerSignal): Answer {
  if (!isAccepted(signal)) return { error: signal.error, reason: signal.reason };
  return { seq: signal.seq, ...(signal.again === true && { again: true }) };
}
