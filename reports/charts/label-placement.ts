interface Wanted {
  /** Where the label's middle would best be. */
  readonly at: number;
  readonly height: number;
}

/**
 * The middles of labels that stand one below the other, as near as can be to where they are wanted, without an overlap: of all
 * placements in that order the one with the least sum of squared distances. They lie in 0 … `room` where they fit into it,
 * otherwise they begin at 0.
 *
 * With the heights above each label taken off, "no overlap" is "never less than the one before", so this is isotonic regression
 * by pooling neighbours (R. E. Barlow et al., Statistical Inference under Order Restrictions, 1972), cut at the ends.
 */
export function placeLabels(wanted: readonly Wanted[], room: number): number[] {
  const order = [...wanted.entries()].toSorted(([, a], [, b]) => a.at - b.at);
  const above: number[] = [];
  let total = 0;
  for (const [, { height }] of order) {
    above.push(total);
    total += height;
  }
  const tops = isotonic(order.map(([, { at, height }], place) => at - height / 2 - (above[place] ?? 0)));
  const lowest = Math.max(0, room - total);
  const middles: number[] = [];
  for (const [place, [index, { height }]] of order.entries()) {
    const top = Math.min(lowest, Math.max(0, tops[place] ?? 0)) + (above[place] ?? 0);
    middles[index] = top + height / 2;
  }
  return middles;
}

/** The nearest sequence, by least squares, that never falls. */
function isotonic(values: readonly number[]): number[] {
  const pools: { mean: number; count: number }[] = [];
  for (const value of values) {
    let pool = { mean: value, count: 1 };
    for (let before = pools.at(-1); before !== undefined && before.mean > pool.mean; before = pools.at(-1)) {
      const count = before.count + pool.count;
      pool = { mean: (before.mean * before.count + pool.mean * pool.count) / count, count };
      pools.pop();
    }
    pools.push(pool);
  }
  return pools.flatMap(({ mean, count }) => Array.from({ length: count }, () => mean));
}
