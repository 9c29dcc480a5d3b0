import type { Command } from 'commander';
import { exampleText } from '../command-text.ts';
import { addRunOptions, runChoices, type RunOptions } from '../planning/run-options.ts';

export function addPlan(program: Command): void {
  const command = addRunOptions(program.command('plan'));
  command
    .description(
      'what a run with the same options would measure, how long it takes, and what it would find; starts nothing',
    )
    .addHelpText('after', exampleText(['plan', 'ticker', '--budget', '5m']))
    .action(async (scenarios: string[], options: RunOptions) => {
      if (options.target?.address !== undefined) {
        const { refuseBesideTarget } = await import('../planning/foreign-run.ts');
        refuseBesideTarget(command.options, command);
      }
      const { plan } = await import('../verbs/plan.ts');
      process.exitCode = await plan(runChoices(scenarios, options));
    });
}
