import type { Command } from 'commander';

export function addSchema(program: Command): void {
  program
    .command('schema')
    .description('print the JSON Schema of workload files, by which editors understand them')
    .action(async () => {
      const { schema } = await import('../verbs/schema.ts');
      process.exitCode = await schema();
    });
}
