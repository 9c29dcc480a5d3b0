import type { Result } from '../../scenarios/result/result.ts';

/** Why none of the laws holds for any trial of a result; undefined where they do. */
export function whyNoTheory({ workload }: Result): string | undefined {
  return workload.feed.kind === 'conversation'
    ? 'n/a: the laws are of a feed that goes to all alike. In a conversation messages go to those who follow a channel, and requests go both ways.'
    : undefined;
}
