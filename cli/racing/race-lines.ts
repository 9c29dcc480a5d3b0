import { DelayRelay, type Passed } from './delay-relay.ts';

/** With more each way the library of Socket.IO takes its server for one that does not answer. */
export const MOST_DELAY_MS = 500;

interface LinesOptions {
  readonly host: string;
  readonly serverPort: number;
  readonly count: number;
  readonly delayMs: number;
}

/** What one who looks at the race has: a line of its own for each lane, all with one delay. */
export class RaceLines implements AsyncDisposable {
  readonly ports: readonly number[];
  delayMs: number;
  readonly #relays: readonly DelayRelay[];

  private constructor(relays: readonly DelayRelay[], ports: readonly number[], delayMs: number) {
    this.#relays = relays;
    this.ports = ports;
    this.delayMs = delayMs;
  }

  static async open({ host, serverPort, count, delayMs }: LinesOptions): Promise<RaceLines> {
    const shared = { delayMs: () => lines.delayMs };
    const relays = Array.from({ length: count }, () => new DelayRelay({ host, serverPort, ...shared }));
    const ports = await Promise.all(relays.map(async (relay) => relay.open()));
    const lines: RaceLines = new RaceLines(relays, ports, delayMs);
    return lines;
  }

  get passed(): readonly Passed[] {
    return this.#relays.map(({ passed }) => passed);
  }

  reset(): void {
    for (const relay of this.#relays) relay.reset();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#relays.map(async (relay) => relay[Symbol.asyncDispose]()));
  }
}
