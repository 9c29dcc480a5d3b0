import type { Command } from 'commander';
import { exampleText } from '../command-text.ts';
import { addRunOptions, runChoices, type RunOptions } from '../planning/run-options.ts';

export function addPlan(program: Command): void {
  addRunOptions(program.command('plan'))
    .description(
      'what a run with the same options would measure, how long it takes, and what it would find; starts nothing',
    )
    .addHelpText('after', exampleText(['plan', 'ticker', '--budget', '5m']))
    .action(async (scenarios: string[], options: RunOptions) => {
      const { plan } = await import('../verbs/plan.ts');
      process.exitCode = await plan(runChoices(scenarios, options));
    });
}
