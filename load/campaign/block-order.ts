import { derivedRandom } from '../../scenarios/feed/random.ts';

/** Streams of the run's seed, far from those of messages and poll phases. */
const FIRST_STREAM = 1_000_000_000;

/** The cells of a block in an order of chance (Fisher and Yates): the same for the same seed and number. */
export function blockOrder<T>(cells: readonly T[], seed: number, block: number): T[] {
  const random = derivedRandom(seed, FIRST_STREAM + block);
  const order = [...cells];
  for (let last = order.length - 1; last > 0; last--) {
    const chosen = Math.floor(random() * (last + 1));
    const [a, b] = [order[last], order[chosen]];
    if (a === undefined || b === undefined) break;
    order[last] = b;
    order[chosen] = a;
  }
  return order;
}
