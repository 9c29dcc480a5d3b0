import { join } from 'node:path';
import type { Command } from 'commander';
import { addChecks, checkChoices, type CheckOptions } from '../check-options.ts';
import { exampleText, pathFromHere } from '../command-text.ts';
import { DEFAULT_OUT } from '../options.ts';

export function addReport(program: Command): void {
  addChecks(program.command('report'))
    .description('rebuild the reports beside a result, without running anything')
    .argument('<result.json...>', 'results to report on')
    .addHelpText('after', exampleText(['report', join(pathFromHere(DEFAULT_OUT), 'latest', 'result.json')]))
    .action(async (paths: string[], options: CheckOptions) => {
      const { report } = await import('../verbs/report.ts');
      process.exitCode = report(paths, await checkChoices(options));
    });
}
