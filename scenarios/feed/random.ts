/** A seeded stream of numbers in [0, 1); the same seed gives the same stream on every machine and version. */
export type Random = () => number;

/** splitmix32 (Steele, Lea & Flood 2014, 32-bit variant): small, fast, and every seed is a good one. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x9e3779b9) >>> 0;
    let mixed = state ^ (state >>> 16);
    mixed = Math.imul(mixed, 0x21f0aaad);
    mixed ^= mixed >>> 15;
    mixed = Math.imul(mixed, 0x735a2d97);
    return ((mixed ^ (mixed >>> 15)) >>> 0) / 2 ** 32;
  };
}

/** An independent stream for message or session `index` of the run's seed, so that streams need no order between them. */
export function derivedRandom(seed: number, index: number): Random {
  const first = seededRandom(seed);
  return seededRandom(Math.floor(first() * 2 ** 32) ^ Math.imul(index + 1, 0x85ebca6b));
}

export function pick<T>(random: Random, items: readonly [T, ...T[]]): T {
  return items[Math.floor(random() * items.length)] ?? items[0];
}
