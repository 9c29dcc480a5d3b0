import { isAddressed, isSaidByClients } from '../../scenarios/feed/kinds/feed-kinds.ts';
import type { Result } from '../../scenarios/result/result.ts';

/** Why none of the laws of theory holds for any trial of a result; undefined where they do. */
export function whyNoTheory({ workload }: Result): string | undefined {
  const { feed } = workload;
  if (!isAddressed(feed)) return undefined;
  return isSaidByClients(feed)
    ? 'n/a: the formulas are of a feed that goes to all clients alike. In a conversation messages go to those who follow a channel, and requests go both ways: what was measured stands in the answer above.'
    : 'n/a: the formulas are of a feed that goes to all clients alike. Here each message is for one client or a few: what was measured stands in the answer above.';
}
