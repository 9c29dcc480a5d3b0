import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Origin } from '../../../scenarios/feed/message.ts';
import type { Said } from '../../hub/conversation.ts';
import type { Question, Report } from './conversing-messages.ts';

const PROGRAM = new URL('conversing-process.ts', import.meta.url);

interface ConversingOptions {
  readonly redisUrl: string;
  readonly feed: string;
  readonly heartbeatMs?: number;
}

/** A node in a process of its own. What it was asked when it died nobody knows the outcome of. */
export class ConversingNode implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #exited: Promise<unknown>;
  readonly #asked = new Map<number, PromiseWithResolvers<Said>>();
  #ids = 0;

  private constructor() {
    this.#child = fork(fileURLToPath(PROGRAM), [], { execArgv: [] });
    this.#exited = once(this.#child, 'exit').then(() => this.#refuseAll());
    this.#child.on('message', (report: Report) => this.#take(report));
  }

  static async open({ redisUrl, feed, heartbeatMs = 30_000 }: ConversingOptions): Promise<ConversingNode> {
    const node = new ConversingNode();
    const ready = once(node.#child, 'message');
    node.#tell({ kind: 'open', redisUrl, feed, heartbeatMs });
    await Promise.race([ready, node.#exited]);
    if (!node.isAlive) throw new Error('the node did not come up');
    return node;
  }

  get isAlive(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** Rejects where the node says that it does not know, or is no more. */
  async say(origin: Origin, data: unknown = origin.n): Promise<Said> {
    const asked = Promise.withResolvers<Said>();
    if (!this.isAlive) throw new Error('the node is no more');
    this.#ids += 1;
    this.#asked.set(this.#ids, asked);
    this.#tell({ kind: 'say', id: this.#ids, origin, data });
    return asked.promise;
  }

  arrive(...users: readonly string[]): void {
    for (const user of users) this.#tell({ kind: 'arrive', user });
  }

  depart(...users: readonly string[]): void {
    for (const user of users) this.#tell({ kind: 'depart', user });
  }

  signal(signal: 'SIGSTOP' | 'SIGCONT' | 'SIGKILL'): void {
    this.#child.kill(signal);
  }

  async kill(): Promise<void> {
    this.signal('SIGKILL');
    await this.#exited;
  }

  async close(): Promise<void> {
    this.#tell({ kind: 'close' });
    await this.#exited;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.isAlive) await this.kill();
  }

  #tell(question: Question): void {
    this.#child.send(question, () => undefined);
  }

  #take(report: Report): void {
    if (report.kind === 'ready') return;
    const asked = this.#asked.get(report.id);
    this.#asked.delete(report.id);
    if (report.kind === 'said') asked?.resolve(report.said);
    else asked?.reject(new Error(report.error));
  }

  #refuseAll(): void {
    for (const { reject } of this.#asked.values()) reject(new Error('the node is no more'));
    this.#asked.clear();
  }
}
