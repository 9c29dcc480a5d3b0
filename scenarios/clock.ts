/**
 * CLOCK_MONOTONIC in integer nanoseconds. All processes of one host share it, network namespaces included, so a time
 * taken by the publisher and one taken by a load worker can be subtracted. Exact below 2^53 ns (104 days of uptime);
 * beyond that it rounds to 2 ns.
 */
export type Clock = () => number;

export const monotonicNs: Clock = () => Number(process.hrtime.bigint());
