import type { Dispatcher } from 'undici';
import { monotonicNs } from '../../scenarios/clock.ts';
import { userChannel } from '../../scenarios/feed/channels.ts';
import { mayRepeat } from '../../scenarios/feed/command.ts';
import { type Answer, readAnswer } from '../../scenarios/feed/signal.ts';
import type { SessionEnd } from '../../scenarios/session-end.ts';
import type { Answered, SessionCommand, SessionOptions } from '../../servers/transport.ts';
import { memberRequest } from '../../servers/hub/member-request.ts';
import { countingConnector } from './counting-connector.ts';
import { endOfError, endOfStatus } from './error-end.ts';
import { headerFields } from './header-fields.ts';
import type { Sockets } from './sockets.ts';
import { openUndici } from './undici-client.ts';

const OK = 200;

interface PostEvents {
  reopened(): void;
  /** Nothing more can be said; what has no answer by now gets none. */
  ended(end: SessionEnd): void;
}

interface PostsOptions {
  readonly options: SessionOptions;
  readonly sockets: Sockets;
  readonly events: PostEvents;
  /** Whose connection commands share, over HTTP/2; absent: they have one of their own. */
  readonly shared?: Dispatcher;
}

type Unanswered = { readonly command: SessionCommand; readonly answered: Answered };

/**
 * What a client says by undici: a POST for each command, one after the other, over a connection that no held answer blocks. One that
 * is shared is closed by whoever opened it, but for a goodbye, which is the last that goes over it.
 */
export class UndiciPosts {
  readonly #client: Dispatcher;
  readonly #isShared: boolean;
  readonly #sockets: Sockets;
  readonly #events: PostEvents;
  readonly #path: string;
  readonly #who: string;
  readonly #headers: Record<string, string>;
  readonly #unanswered: Unanswered[] = [];
  #connections = 0;
  /** Whether an answer has come over the connection at hand: then the server may close it at any moment. */
  #isUsed = false;
  #isRunning = false;
  #closed = false;

  constructor(path: string, { options, sockets, events, shared }: PostsOptions) {
    const { host, port, headers, member, values } = options;
    const place = `${host}:${port}`;
    const request = memberRequest(member, values.auth);
    this.#path = path;
    this.#who = request.who;
    this.#headers = headerFields(request.headers(headers.fetchPost(place)), values);
    this.#sockets = sockets;
    this.#events = events;
    this.#isShared = shared !== undefined;
    this.#client =
      shared ??
      openUndici(
        options,
        countingConnector(options, sockets, () => this.#connected()),
      );
  }

  say(command: SessionCommand, answered: Answered): void {
    this.#unanswered.push({ command, answered });
    if (!this.#isRunning) void this.#run();
  }

  close(): void {
    this.#closed = true;
    if (!this.#isShared) void this.#client.destroy();
  }

  /** Says that one of the user's clients goes, to a door that has no connection to tell it by; and closes. */
  goodbye(user: string, tab: string): void {
    if (this.#closed) return;
    this.#closed = true;
    // Whether it arrives or not, nobody is there any more: what else is under way over a connection that is shared goes with it.
    const leaving = this.#request({ type: 'leave', channel: userChannel(user) }, tab).then(async ({ body }) =>
      body.dump(),
    );
    void leaving.catch(() => undefined).then(async () => this.#client.destroy());
  }

  #connected(): void {
    this.#connections += 1;
    this.#isUsed = false;
    if (this.#connections > 1 && !this.#closed) this.#events.reopened();
  }

  async #run(): Promise<void> {
    this.#isRunning = true;
    for (let [first] = this.#unanswered; first !== undefined && !this.#closed; [first] = this.#unanswered) {
      const { command, answered } = first;
      const answer = await this.#post(command);
      if (answer === undefined) return;
      this.#unanswered.shift();
      const receivedNs = monotonicNs();
      this.#sockets.handle(() => answered(answer, receivedNs));
    }
    this.#isRunning = false;
  }

  /** Undefined where it has ended. */
  async #post(command: SessionCommand): Promise<Answer | undefined> {
    const before = this.#isUsed;
    try {
      return await this.#ask(command);
    } catch (error) {
      const end = endOfError(error);
      const isOfConnection = end.code === 'connection-closed' || end.code === 'connection-lost';
      if (!before || !isOfConnection || !mayRepeat(command)) return this.#end(end);
    }
    // It met the close of a connection that was used before (RFC 9112, section 9.3.1), and is in the log once in any case.
    this.#isUsed = false;
    return this.#post(command);
  }

  async #ask(command: SessionCommand): Promise<Answer | undefined> {
    const { statusCode, statusText, body } = await this.#request(command);
    const answer = readAnswer(await bytesOf(body));
    this.#isUsed = true;
    if (this.#closed || answer !== undefined) return answer;
    return this.#end(statusCode === OK ? { code: 'protocol', cause: 'answer' } : endOfStatus(statusCode, statusText));
  }

  async #request(command: SessionCommand, more = ''): Promise<Dispatcher.ResponseData> {
    const query = `${this.#who}${more}`;
    return this.#client.request({
      method: 'POST',
      path: query === '' ? this.#path : `${this.#path}?${query.slice(1)}`,
      headers: this.#headers,
      body: JSON.stringify(command),
    });
  }

  #end(end: SessionEnd): undefined {
    if (this.#closed) return;
    this.close();
    this.#events.ended(end);
  }
}

async function bytesOf(body: Dispatcher.ResponseData['body']): Promise<Buffer> {
  return Buffer.from(await body.arrayBuffer());
}
