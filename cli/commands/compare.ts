import { join } from 'node:path';
import type { Command } from 'commander';
import { INSTALLATION } from '../../scenarios/installation/installation.ts';
import { addChecks, checkChoices, type CheckOptions, failIfOption, regressionsOf } from '../check-options.ts';
import { commandText, exampleText, pathFromHere } from '../command-text.ts';

export function addCompare(program: Command): void {
  const command = program
    .command('compare')
    .description('hold results of a scenario against the first of them')
    .argument('<result...>', 'results to compare: files, their folders, names of runs, or latest')
    .addOption(failIfOption())
    .option('--out <path>', 'the page, or the folder for it (default: beside the runs)');
  addChecks(command)
    .addHelpText('after', exampleText(['compare', join(pathFromHere(INSTALLATION.out), 'before'), 'latest']))
    .action(async (paths: string[], options: CompareOptions) => {
      const { compare } = await import('../verbs/compare.ts');
      const rules = { ...(await checkChoices(options)), regressions: await regressionsOf(options.failIf ?? []) };
      process.exitCode = await compare({
        paths,
        runs: INSTALLATION.out,
        out: options.out,
        command: commandText(program.args),
        ...rules,
      });
    });
}

interface CompareOptions extends CheckOptions {
  readonly failIf?: readonly string[];
  readonly out?: string;
}
