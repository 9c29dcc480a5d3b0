import { randomUUID } from 'node:crypto';
import { bodyOf } from './test-subscriber.ts';
import { Witness } from './test-witness.ts';
import { type FeedNode, type NodeEvents, type NodeOptions, openNode } from '../node/node.ts';
import type { TransportId } from '../registry.ts';
import type { Departure } from '../transport.ts';

/** A node for tests, which remembers what it told. */
export class TestNode extends Witness implements NodeEvents, AsyncDisposable {
  readonly health: { healthy: boolean; reason: string }[] = [];
  slowConsumers = 0;
  originReads = 0;
  gapsFilled = 0;
  appended = 0;
  #node: FeedNode | undefined;

  async open(options: NodeOptions): Promise<this> {
    this.#node = await openNode(options, this);
    return this;
  }

  onHealth(healthy: boolean, reason: string): void {
    this.health.push({ healthy, reason });
    this.changed();
  }

  onSlowConsumer(): void {
    this.slowConsumers += 1;
    this.changed();
  }

  onOriginRead(): void {
    this.originReads += 1;
  }

  onGapFilled(messages: number): void {
    this.gapsFilled += messages;
    this.changed();
  }

  onAppended(): void {
    this.appended += 1;
    this.changed();
  }

  get healthy(): boolean {
    return this.health.at(-1)?.healthy ?? false;
  }

  get port(): number {
    return this.#node?.port ?? 0;
  }

  async append(data: unknown): Promise<number> {
    return this.appendBody(bodyOf(data));
  }

  async appendBody(body: string): Promise<number> {
    if (this.#node === undefined) throw new Error('the node is not open');
    return this.#node.backplane.append(body);
  }

  async close(departure?: Departure): Promise<void> {
    await this.#node?.close(departure);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}

/** With one door, or several. */
export type TestNodeOptions = Omit<NodeOptions, 'transports'> &
  ({ readonly transport: TransportId } | { readonly transports: TransportId[] });

export async function openTestNode(given: TestNodeOptions): Promise<TestNode> {
  const { transport, ...options } = { transport: undefined, ...given };
  return new TestNode().open({
    feed: randomUUID(),
    transports: transport === undefined ? [] : [transport],
    ...options,
  });
}
