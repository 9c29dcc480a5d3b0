import { MOST_SENDERS, newIdentity, type OpenBackplane } from './backplane.ts';
import { MemoryConversation } from './memory-conversation.ts';

/** One node: the counter is the log's own. */
export const openBackplane: OpenBackplane = async (log, { onHealth, onSignal, mostSenders = MOST_SENDERS }) => {
  onHealth(true, 'in memory');
  const append = (body: string): number => {
    const seq = log.latest + 1;
    log.append(seq, body);
    return seq;
  };
  return {
    identity: newIdentity(),
    append: async (body) => append(body),
    conversation: new MemoryConversation({ append, onSignal, latest: () => log.latest, mostSenders }),
    close: async () => undefined,
  };
};
