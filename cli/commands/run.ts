import type { Command } from 'commander';
import { addChecks, checkChoices, type CheckOptions } from '../check-options.ts';
import { commandText, exampleText } from '../command-text.ts';
import { addRunOptions, runChoices, type RunOptions } from '../planning/run-options.ts';

export function addRun(program: Command): void {
  addChecks(addRunOptions(program.command('run')))
    .description('measure transports under a workload, and write a report')
    .addHelpText(
      'after',
      exampleText([
        'run',
        'ticker',
        '--transport',
        'ws,polling',
        '--clients',
        '500',
        '--duration',
        '10s',
        '--poll',
        '3s',
      ]),
    )
    .action(async (scenarios: string[], options: RunOptions & CheckOptions) => {
      const { run } = await import('../verbs/run.ts');
      process.exitCode = await run({
        ...runChoices(scenarios, options),
        command: commandText(program.args),
        checks: checkChoices(options),
      });
    });
}
