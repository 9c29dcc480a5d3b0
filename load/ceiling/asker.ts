import { errorMessage } from '../../scenarios/failures.ts';
import type { CeilingCommand, CeilingReport } from './ceiling-messages.ts';

/** The life of a program that asks: it is ready, asks once, and tells what it counted. */
export function liveAsAsker(ask: (command: CeilingCommand) => Promise<CeilingReport>): void {
  process.on('message', (command: CeilingCommand) => {
    ask(command).then(tell, (error: unknown) => tell({ kind: 'failed', message: errorMessage(error) }));
  });
  tell({ kind: 'ready' });
}

function tell(report: CeilingReport): void {
  process.send?.(report);
}
