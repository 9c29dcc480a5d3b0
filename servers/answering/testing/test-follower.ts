import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import { TRANSPORT_IDS, type TransportId, transportRow } from '../../registry.ts';
import { Witness } from '../../testing/test-witness.ts';

/** The doors that are asked by a plain request of HTTP. */
export const HTTP_DOORS = TRANSPORT_IDS.filter((id) => transportRow(id).connectsBy !== 'upgrade');

/** Whatever a client may be told. */
interface ToldEntry {
  readonly seq?: number;
  readonly channel?: string;
  readonly from?: string;
  readonly n?: number;
  readonly data?: unknown;
  readonly signal?: string;
  readonly notice?: string;
  readonly [field: string]: unknown;
}

/** A door, and who asks there. */
export interface Asking {
  readonly port: number;
  readonly transport: TransportId;
  /** Without its question mark, and without a position. */
  readonly query: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Follows a door over HTTP by nothing but `fetch`, as a program does that somebody wrote by hand. */
export class TestFollower extends Witness {
  readonly told: ToldEntry[] = [];
  /** What an event stream says besides. */
  readonly comments: string[] = [];
  /** Of the last answer that was none of the feed. */
  refusal: { readonly status: number; readonly error: unknown } | undefined;
  isOver = false;
  readonly #leaving = new AbortController();
  readonly #init: RequestInit;
  readonly #isHeld: boolean;
  #isLeaving = false;

  constructor({ port, transport, query, headers = {} }: Asking) {
    super();
    const { path, cadence } = transportRow(transport);
    this.#init = { signal: this.#leaving.signal, headers };
    const url = `http://127.0.0.1:${port}${path}?${query}`;
    this.#isHeld = cadence !== 'interval';
    void (cadence === 'push' ? this.#listen(url) : this.#poll(url))
      .catch(() => undefined)
      .finally(() => {
        this.isOver = true;
        this.changed();
      });
  }

  get data(): unknown[] {
    return this.told.flatMap(({ data }) => (data === undefined ? [] : [data]));
  }

  /** Gives up what it waits for; it is over when an answer has come that comes at once. */
  close(): void {
    this.#isLeaving = true;
    if (this.#isHeld) this.#leaving.abort();
  }

  async #listen(url: string): Promise<void> {
    const answer = await fetch(url, this.#init);
    if (!(await this.#isFeed(answer)) || answer.body === null) return;
    for await (const line of createInterface({ input: Readable.fromWeb(answer.body) })) {
      if (line.startsWith(':')) this.comments.push(line);
      if (line.startsWith('data: ')) this.#tell(JSON.parse(line.slice('data: '.length)) as ToldEntry);
    }
  }

  async #poll(url: string): Promise<void> {
    for (let since = ''; !this.#isLeaving; ) {
      const answer = await fetch(`${url}${since}`, this.#init);
      if (!(await this.#isFeed(answer))) return;
      const entries = (await answer.json()) as ToldEntry[];
      for (const entry of entries) this.#tell(entry);
      const last = entries.findLast(({ seq }) => seq !== undefined)?.seq;
      if (last !== undefined) since = `&since=${last}`;
      else if (since === '') since = '&since=0';
      await setImmediate();
    }
  }

  async #isFeed(answer: Response): Promise<boolean> {
    if (answer.ok) return true;
    this.refusal = { status: answer.status, error: ((await answer.json()) as { error: unknown }).error };
    this.changed();
    return false;
  }

  #tell(entry: ToldEntry): void {
    this.told.push(entry);
    this.changed();
  }
}

/** One command by POST, as `fetch` sends a text, and what became of it. */
export async function say(
  { port, transport, query, headers = {} }: Asking,
  command: unknown,
): Promise<{ readonly status: number; readonly answer: unknown }> {
  const body = typeof command === 'string' ? command : JSON.stringify(command);
  const url = `http://127.0.0.1:${port}${transportRow(transport).path}?${query}`;
  const answer = await fetch(url, { method: 'POST', body, headers });
  return { status: answer.status, answer: await answer.json() };
}

/** Who is online, as the node tells it. */
export async function online(port: number): Promise<readonly string[]> {
  const answer = await fetch(`http://127.0.0.1:${port}/presence`);
  return ((await answer.json()) as { users: string[] }).users.toSorted();
}

/** Waits until exactly these are online. */
export async function untilOnline(port: number, users: readonly string[]): Promise<void> {
  while (JSON.stringify(await online(port)) !== JSON.stringify(users)) await setImmediate();
}
