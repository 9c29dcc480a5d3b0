import { errorMessage } from '../../../scenarios/failures.ts';
import { openBackplane } from '../redis.ts';
import type { Question, Report } from './conversing-messages.ts';
import { FedLog } from './fed-log.ts';

/** A node without doors, as a process that can be stopped and killed: what clients would say comes over IPC. */
const fed = new FedLog();

function tell(report: Report): void {
  process.send?.(report);
}

async function answer(question: Question): Promise<void> {
  switch (question.kind) {
    case 'open':
      await fed.open(openBackplane, question);
      tell({ kind: 'ready' });
      return;
    case 'say':
      await fed.say(question.origin, question.data).then(
        (said) => tell({ kind: 'said', id: question.id, said }),
        (error: unknown) => tell({ kind: 'refused', id: question.id, error: errorMessage(error) }),
      );
      return;
    case 'arrive':
      fed.presence.arrive(question.user);
      return;
    case 'depart':
      fed.presence.depart(question.user);
      return;
    case 'close':
      await fed.close();
      process.exit(0);
      return;
    default:
      question satisfies never;
  }
}

process.on('message', (question: Question) => void answer(question));
process.once('disconnect', () => process.exit(0));
