import { fullWorkloadSchema } from '../planning/workload-schema.ts';
import { exitCodeOfPrinting, printText } from '../terminal.ts';

/** Prints what a workload file may be; returns the exit code. */
export async function schema(): Promise<number> {
  printText(`${JSON.stringify(fullWorkloadSchema(), undefined, 2)}\n`);
  return exitCodeOfPrinting();
}
