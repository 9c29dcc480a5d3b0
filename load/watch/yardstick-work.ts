/**
 * Always the same amount: some 0.2 ms on a core of 2.5 to 3 GHz. The four chains keep a core's units busy as programs do: a
 * single chain waits for its own results, and takes as long when a neighbour uses the other half of the core.
 */
const ROUNDS = 120_000;

/** What comes out is of no use, and is returned so that it is not optimized away. */
export function fixedWork(): number {
  let first = 1;
  let second = 2;
  let third = 3;
  let fourth = 4;
  for (let round = 0; round < ROUNDS; round++) {
    first = (Math.imul(first, 31) + round) | 0;
    second = (Math.imul(second, 33) ^ round) | 0;
    third = (Math.imul(third, 35) + first) | 0;
    fourth = (Math.imul(fourth, 37) ^ second) | 0;
  }
  return first ^ second ^ third ^ fourth;
}
