import type { Command } from 'commander';
import { INSTALLATION } from '../../scenarios/installation/installation.ts';
import { addChecks, checkChoices, type CheckOptions } from '../check-options.ts';
import { exampleText } from '../command-text.ts';

export function addMerge(program: Command): void {
  addChecks(program.command('merge'))
    .description('one report of what the k6 of several hosts and their publisher printed: see deploy/README.md')
    .argument('<file...>', 'the output of each k6, and of feedbench publish')
    .option('--out <folder>', 'where the report goes', INSTALLATION.out)
    .addHelpText('after', exampleText(['merge', 'publisher.log', 'k6-1.log', 'k6-2.log']))
    .action(async (paths: string[], { out, ...options }: CheckOptions & { readonly out: string }) => {
      const { merge } = await import('../cluster/merge.ts');
      process.exitCode = await merge({ paths, out, checks: await checkChoices(options) });
    });
}
