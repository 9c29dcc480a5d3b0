import type { Command } from 'commander';
import { exampleText } from '../command-text.ts';

export function addInit(program: Command): void {
  program
    .command('init')
    .description('write a workload and an adapter to start from')
    .argument('[folder]', 'where to, made where its parent is there', '.')
    .addHelpText('after', exampleText(['init', 'mine']))
    .action(async (folder: string) => {
      const { init } = await import('../verbs/init.ts');
      process.exitCode = await init(folder);
    });
}
