import type { Command } from 'commander';

export function addList(program: Command): void {
  program
    .command('list')
    .description('list scenarios, transports and the rest of the vocabulary')
    .action(async () => {
      const { list } = await import('../verbs/list.ts');
      process.exitCode = await list();
    });
}
