import { join } from 'node:path';
import type { Command } from 'commander';
import { INSTALLATION } from '../../scenarios/installation/installation.ts';
import { addChecks, checkChoices, type CheckOptions } from '../check-options.ts';
import { exampleText, pathFromHere } from '../command-text.ts';

export function addReport(program: Command): void {
  addChecks(program.command('report'))
    .description('rebuild the reports beside a result, without running anything')
    .argument('<result.json...>', 'results to report on')
    .addHelpText('after', exampleText(['report', join(pathFromHere(INSTALLATION.out), 'latest', 'result.json')]))
    .action(async (paths: string[], options: CheckOptions) => {
      const { report } = await import('../verbs/report.ts');
      process.exitCode = report(paths, await checkChoices(options));
    });
}
