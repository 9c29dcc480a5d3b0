import { isAddressed, isSaidByClients } from '../../scenarios/feed/kinds/feed-kinds.ts';
import type { Result } from '../../scenarios/result/result.ts';

/** Why none of the laws holds for any trial of a result; undefined where they do. */
export function whyNoTheory({ workload }: Result): string | undefined {
  const { feed } = workload;
  if (!isAddressed(feed)) return undefined;
  return isSaidByClients(feed)
    ? 'n/a: the laws are of a feed that goes to all alike. In a conversation messages go to those who follow a channel, and requests go both ways.'
    : 'n/a: the laws are of a feed that goes to all alike. Here each message is for few, and the others ask in vain, or wait.';
}
