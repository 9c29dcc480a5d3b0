import { type Command, Redis, type RedisOptions } from 'ioredis';
import { errorMessage } from '../../scenarios/failures.ts';
import { ANSWER_WITHIN_MS, connectionProblem, leave, selectDatabase } from './redis-access.ts';

export interface ConnectionEvents {
  onTrouble(reason: string): void;
  /** All connections stand again, and so does what was subscribed. */
  onRecovery(): void;
}

/**
 * The connections to Redis of one adapter, those among them that it opens for itself. ioredis is as anybody has it who
 * follows the adapters' documentation: what is sent while Redis is away waits, and what was not answered is sent again. We
 * only look on, so that health is known, and that a command nobody waits for does not end the process when it is refused.
 */
export class AdapterConnections {
  readonly #url: string;
  readonly #events: ConnectionEvents;
  readonly #all = new Set<AdapterConnection>();
  readonly #subscribing = new Set<Promise<unknown>>();
  readonly #saying = new Set<Promise<unknown>>();
  #hasRead = false;
  #refusal: Error | undefined;
  #lastError = '';
  #trouble = false;
  /** Before that a lost connection is not opened again: it is told why there is none. */
  #opened = false;
  #leaving = false;

  constructor(url: string, events: ConnectionEvents) {
    this.#url = url;
    this.#events = events;
  }

  /** Why there was no connection; empty where there was. */
  get lastError(): string {
    return this.#lastError;
  }

  /** Whether a read of a stream brought an entry. Throws where reading is refused. */
  get hasRead(): boolean {
    if (this.#refusal !== undefined) throw this.#refusal;
    return this.#hasRead;
  }

  /** Rejects where there is no connection, or no such database. */
  async connect(): Promise<Redis> {
    const connection = this.#add({
      lazyConnect: true,
      retryStrategy: (attempt) => (this.#opened ? retryAfterMs(attempt) : null),
    });
    await connection.connect();
    await selectDatabase(connection);
    // An adapter that duplicates it would wait for the duplicate in a promise that nobody holds.
    connection.options.lazyConnect = false;
    return connection;
  }

  /** Resolves when every subscription that was asked for stands; rejects where one was refused. */
  async subscribed(): Promise<void> {
    while (this.#subscribing.size > 0) await Promise.all(this.#subscribing);
  }

  /** Resolves when Redis has all that was said; rejects where it refused something. */
  async said(): Promise<void> {
    await Promise.all(this.#saying);
  }

  /** From here on a lost connection is opened again. */
  keep(): void {
    this.#opened = true;
  }

  leave(): void {
    this.#leaving = true;
    for (const connection of this.#all) leave(connection);
  }

  #add(options: ConnectionOptions): AdapterConnection {
    const connection = new AdapterConnection(
      this.#url,
      { connectTimeout: ANSWER_WITHIN_MS, ...options },
      this.#watch(),
    );
    this.#all.add(connection);
    return connection;
  }

  #watch(): ConnectionWatch {
    return {
      sent: (command, answer) => this.#follow(command, answer),
      // One that is read in a loop and gave up would be asked again without end, within one turn.
      duplicated: () => this.#add({ retryStrategy: retryAfterMs }),
      failed: (reason) => {
        this.#lastError = reason;
        this.#complain(reason);
      },
      closed: () => this.#complain('the connection was closed'),
      ready: () => void this.#recover(),
      silent: () => this.#complain('it does not answer'),
    };
  }

  #follow({ name }: Command, answer: Promise<unknown>): void {
    const purpose = PURPOSES.get(name);
    const waiting = purpose === 'subscribe' ? this.#subscribing : this.#saying;
    if (purpose === 'subscribe' || purpose === 'say') waiting.add(answer);
    answer.then(
      (value) => {
        waiting.delete(answer);
        if (purpose === 'read' && value !== null) this.#hasRead = true;
        if (this.#trouble) void this.#recover();
      },
      (error: unknown) => {
        waiting.delete(answer);
        if (purpose === 'read' && error instanceof Error) this.#refusal = error;
        if (purpose !== undefined) this.#complain(errorMessage(error));
      },
    );
  }

  async #recover(): Promise<void> {
    const isUp = (): boolean => [...this.#all].every(({ status }) => status === 'ready');
    if (!this.#trouble || !isUp()) return;
    try {
      await this.subscribed();
    } catch {
      return;
    }
    if (!this.#trouble || !isUp()) return;
    this.#trouble = false;
    this.#events.onRecovery();
  }

  #complain(reason: string): void {
    if (this.#leaving) return;
    this.#trouble = true;
    this.#events.onTrouble(reason);
  }
}

/** What adapters ask of Redis for; the rest is ioredis's own, which may be refused and does no harm. */
const PURPOSES: ReadonlyMap<string, 'subscribe' | 'say' | 'read'> = new Map([
  ['subscribe', 'subscribe'],
  ['psubscribe', 'subscribe'],
  ['ssubscribe', 'subscribe'],
  ['publish', 'say'],
  ['spublish', 'say'],
  ['xadd', 'say'],
  // Answered when there is something, however long that takes.
  ['xread', 'read'],
]);

/** As ioredis does by itself. */
function retryAfterMs(attempt: number): number {
  return Math.min(50 * 2 ** (attempt - 1), 5000) + Math.random() * 200;
}

type ConnectionOptions = Pick<RedisOptions, 'connectTimeout' | 'lazyConnect' | 'retryStrategy'>;

interface ConnectionWatch {
  sent(command: Command, answer: Promise<unknown>): void;
  /** The adapter asks for one more connection like this one. */
  duplicated(): Redis;
  failed(reason: string): void;
  closed(): void;
  ready(): void;
  /** Something is not answered for ANSWER_WITHIN_MS. */
  silent(): void;
}

class AdapterConnection extends Redis {
  readonly #watch: ConnectionWatch;
  readonly #silence: NodeJS.Timeout;
  #unanswered = 0;

  constructor(url: string, options: ConnectionOptions, watch: ConnectionWatch) {
    super(url, options);
    this.#watch = watch;
    this.#silence = setTimeout(() => this.#tellOfSilence(), ANSWER_WITHIN_MS).unref();
    this.on('error', (error: Error) => watch.failed(connectionProblem(error)));
    this.on('close', () => watch.closed());
    this.on('ready', () => watch.ready());
  }

  override duplicate(): Redis {
    return this.#watch.duplicated();
  }

  override sendCommand(command: Command, stream?: Parameters<Redis['sendCommand']>[1]): unknown {
    const answer = super.sendCommand(command, stream);
    if (answer instanceof Promise) {
      this.#watch.sent(command, answer);
      if (PURPOSES.get(command.name) !== 'read') this.#awaitAnswer(answer);
    }
    return answer;
  }

  /** Answers come in the order of what was asked, so one of them proves that Redis is there. */
  #awaitAnswer(answer: Promise<unknown>): void {
    if (this.#unanswered === 0) this.#silence.refresh();
    this.#unanswered += 1;
    const answered = (): void => {
      this.#unanswered -= 1;
      this.#silence.refresh();
    };
    answer.then(answered, answered);
  }

  #tellOfSilence(): void {
    if (this.#unanswered > 0) this.#watch.silent();
  }
}
