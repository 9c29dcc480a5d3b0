import { monotonicNs } from '../../scenarios/clock.ts';
import { Histogram } from '../../scenarios/measures/histogram.ts';
import type { CeilingCommand, CeilingReport } from './ceiling-messages.ts';

/** Counts the answers of a window, whoever asked. */
export class WindowCounter {
  readonly #window: Pick<CeilingCommand, 'windowStartNs' | 'windowEndNs'>;
  readonly #latency = new Histogram();
  #answers = 0;
  #errors = 0;

  constructor(window: Pick<CeilingCommand, 'windowStartNs' | 'windowEndNs'>) {
    this.#window = window;
  }

  answer(latencyNs: number, ok: boolean): void {
    if (!this.#isOpen()) return;
    if (!ok) {
      this.#errors += 1;
      return;
    }
    this.#answers += 1;
    this.#latency.record(latencyNs);
  }

  error(): void {
    if (this.#isOpen()) this.#errors += 1;
  }

  report(): CeilingReport {
    return { kind: 'asked', answers: this.#answers, errors: this.#errors, latency: this.#latency.snapshot() };
  }

  #isOpen(): boolean {
    const nowNs = monotonicNs();
    return nowNs >= this.#window.windowStartNs && nowNs < this.#window.windowEndNs;
  }
}
