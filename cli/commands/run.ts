import { Command, Option } from 'commander';
import { Failure } from '../../scenarios/failures.ts';
import { addChecks, checkChoices, type CheckOptions } from '../check-options.ts';
import { commandText, exampleText } from '../command-text.ts';
import { addRunOptions, foreignOf, runChoices, type RunOptions } from '../planning/run-options.ts';

/** What may be asked of a campaign that goes on, besides checks: everything else was settled when it was begun. */
const BESIDE_RESUME: readonly string[] = ['resume', 'trials', 'budget', 'target', 'out'];
/** Of a server of the user's own: where it is no result tells. */
const OF_OWN_SERVER: readonly string[] = ['adapter', 'iMayLoadThisHost'];

export function addRun(program: Command): void {
  const command = addRunOptions(program.command('run'));
  const mayChange = new Set([...BESIDE_RESUME, ...OF_OWN_SERVER]);
  const settled = command.options.filter((option) => !mayChange.has(option.attributeName()));
  addChecks(command)
    .description('measure transports under a workload, and write a report')
    .addOption(new Option('--resume <folder>', 'go on with an interrupted run, by its folder, its result, or latest'))
    .addHelpText(
      'after',
      exampleText(['run', 'ticker', '--transport', 'ws,polling', '--clients', '500', '--trials', '5', '--poll', '3s']),
    )
    .action(async (scenarios: string[], options: RunOptions & CheckOptions & { readonly resume?: string }) => {
      const checks = await checkChoices(options);
      if (options.resume === undefined) {
        await checkBesideTarget(command, options);
        const { run } = await import('../verbs/run.ts');
        process.exitCode = await run({ ...runChoices(scenarios, options), command: commandText(program.args), checks });
        return;
      }
      refuse([...scenarios, ...settled.filter((option) => isAsked(command, option)).map(nameOf)]);
      const { resume } = await import('../verbs/resume.ts');
      const { trials, budget: budgetNs, target, out } = options;
      const asked = { trials, budgetNs, target: target?.ratio, foreign: foreignOf(options) };
      process.exitCode = await resume({ run: options.resume, out, ...asked, checks });
    });
}

/** Throws `usage` where what is asked for is of nodes, and a server of the user's own is measured. */
async function checkBesideTarget(command: Command, { target }: RunOptions): Promise<void> {
  if (target?.address === undefined) return;
  const { refuseBesideTarget } = await import('../planning/foreign-run.ts');
  const checks = new Set(addChecks(new Command()).options.map((option) => option.attributeName()));
  refuseBesideTarget(
    command.options.filter((option) => !checks.has(option.attributeName())),
    command,
  );
}

/** Throws `usage` where something was asked for that cannot change any more. */
function refuse(settled: readonly string[]): void {
  if (settled.length === 0) return;
  const others = BESIDE_RESUME.slice(1).map((option) => `--${option}`);
  throw new Failure(
    'usage',
    `--resume goes on with what was begun, so leave out ${settled.join(', ')}; ${others.join(', ')} and checks may stand beside it, and of a server of your own --adapter`,
  );
}

function isAsked(command: Command, option: Option): boolean {
  return command.getOptionValueSource(option.attributeName()) === 'cli';
}

function nameOf(option: Option): string {
  return option.long ?? option.flags;
}
