import { type SessionEnd, statusEnd } from '../../scenarios/session-end.ts';
import { userChannel } from '../../scenarios/feed/channels.ts';
import { mayRepeat } from '../../scenarios/feed/command.ts';
import { readAnswer } from '../../scenarios/feed/signal.ts';
import type { AnswerHead } from '../wire/answer-head.ts';
import { HttpConnection } from '../wire/http-connection.ts';
import { memberRequest } from '../hub/member-request.ts';
import { PendingBytes } from '../wire/pending-bytes.ts';
import type { Answered, SessionCommand, SessionOptions } from '../transport.ts';

interface PostEvents {
  reopened(): void;
  /** Nothing more can be said; what has no answer by now gets none. */
  ended(end: SessionEnd): void;
}

const OK = 200;
/** Of an answer, which is a line of JSON. */
const MOST_ANSWER_BYTES = 64 * 1024;
const NOTHING = Buffer.alloc(0);

/**
 * What a client says to a door that takes requests alone: a POST for each command, one after the other, because two at once may
 * be done in either order. They have a connection of their own, opened by the first of them: the one for the answers may have
 * none to spare for a long time.
 */
export class CommandPosts {
  readonly #connection: HttpConnection;
  readonly #events: PostEvents;
  readonly #path: string;
  readonly #who: string;
  /** Of a request what is between its target and the length of its body. */
  readonly #head: string;
  readonly #unanswered: { readonly command: SessionCommand; readonly answered: Answered }[] = [];
  readonly #body = new PendingBytes();
  #answerHead: AnswerHead | undefined;
  #closed = false;

  constructor(path: string, { options, events }: { options: SessionOptions; events: PostEvents }) {
    const { host, port, headers, member, values } = options;
    const place = `${host}:${port}`;
    const request = memberRequest(member, values.auth);
    const lines = [`Host: ${place}`, 'Connection: keep-alive', ...request.headers(headers.fetchPost(place))];
    this.#path = path;
    this.#who = request.who;
    this.#head = [' HTTP/1.1', ...lines, 'Content-Length: '].join('\r\n');
    this.#events = events;
    this.#connection = new HttpConnection(options, {
      head: (head) => this.#begin(head),
      body: (bytes) => this.#take(bytes),
      answered: (receivedNs) => this.#answer(receivedNs),
      reopened: () => events.reopened(),
      ended: (end) => this.#end(end),
    });
  }

  get bytesRead(): number {
    return this.#connection.bytesRead;
  }

  get bytesWritten(): number {
    return this.#connection.bytesWritten;
  }

  get isConnected(): boolean {
    return this.#connection.isConnected;
  }

  say(command: SessionCommand, answered: Answered): void {
    this.#unanswered.push({ command, answered });
    this.#post();
  }

  close(): void {
    this.#closed = true;
    this.#connection.close();
  }

  /** Says that the user goes, or one of the user's clients, to a door that has no connection to tell it by; and closes. */
  goodbye(user: string, tab: string): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#connection.closeWith(this.#requestOf({ type: 'leave', channel: userChannel(user) }, tab));
  }

  #requestOf(command: SessionCommand, more = ''): string {
    const query = `${this.#who}${more}`;
    const body = JSON.stringify(command);
    const target = query === '' ? this.#path : `${this.#path}?${query.slice(1)}`;
    return `POST ${target}${this.#head}${Buffer.byteLength(body)}\r\n\r\n${body}`;
  }

  #post(): void {
    const [first] = this.#unanswered;
    if (first === undefined || this.#closed || this.#connection.isAsking) return;
    this.#connection.ask(this.#requestOf(first.command), 'POST', mayRepeat(first.command));
  }

  #begin(head: AnswerHead): void {
    this.#answerHead = head;
    if (head.fields.has('content-encoding')) this.#end({ code: 'protocol', cause: 'content-encoding' });
  }

  #take(bytes: Buffer): void {
    if (this.#body.length + bytes.length > MOST_ANSWER_BYTES) this.#end({ code: 'protocol', cause: 'large-body' });
    else this.#body.keep(this.#body.join(bytes), 0);
  }

  #answer(receivedNs: number): void {
    if (this.#closed) return;
    const body = this.#body.join(NOTHING);
    const answer = readAnswer(body);
    this.#body.keep(body, body.length);
    if (answer === undefined) {
      this.#end(this.#refusal());
      return;
    }
    const said = this.#unanswered.shift();
    said?.answered(answer, receivedNs);
    this.#post();
  }

  /** An answer that has no answer to the command is to the client, who may not be here, or to whom nothing is said any more. */
  #refusal(): SessionEnd {
    const { status = OK, reason = '' } = this.#answerHead ?? {};
    return status === OK ? { code: 'protocol', cause: 'answer' } : statusEnd(status, reason);
  }

  #end(end: SessionEnd): void {
    if (this.#closed) return;
    this.close();
    this.#events.ended(end);
  }
}
