/**
 * Half the median of the times that TCP connects took: a SYN goes there and its answer comes back. The median, because a
 * connect that was held up says nothing of the link, and the quickest of many is luck.
 */
export function oneWayDelayNs(connectTimesNs: readonly number[]): number {
  const median = connectTimesNs.toSorted((a, b) => a - b)[connectTimesNs.length >> 1];
  if (median === undefined) throw new TypeError('no connect was timed');
  return Math.round(median / 2);
}

/** Within how much of it, either way, four in five of them lay. */
export function delaySpreadNs(connectTimesNs: readonly number[]): number {
  const inOrder = connectTimesNs.toSorted((a, b) => a - b);
  const at = (share: number): number => inOrder[Math.round(share * (inOrder.length - 1))] ?? 0;
  return Math.round((at(0.9) - at(0.1)) / 4);
}
