import { type Command, Option } from 'commander';
import { INSTALLATION } from '../../scenarios/installation/installation.ts';
import { NS_PER_SECOND } from '../../scenarios/units.ts';
import { commandText, exampleText } from '../command-text.ts';
import { MOST_CLIENTS, parseCount, parseTime } from '../options.ts';
import type { Calibration } from '../verbs/calibrate.ts';

const MOST_CAMPAIGNS = 1000;
/** One trial of each tells nothing of how much they differ. */
const FEWEST_TRIALS = 2;
const MOST_TRIALS = 1000;

export function addCalibrate(program: Command): void {
  program
    .command('calibrate')
    .description('measure one thing against itself, and keep how much trials differ by chance on this machine')
    .argument('[scenario]', 'a scenario by name, or a workload file ending in .json', 'ticker')
    .addOption(
      new Option('--campaigns <count>', 'how many, the order of each by chance')
        .argParser(parseCount(1, MOST_CAMPAIGNS))
        .default(20),
    )
    .addOption(
      new Option('--budget <time>', 'no campaign is begun that would not end in this time')
        .argParser(parseTime)
        .default(1800 * NS_PER_SECOND, '30m'),
    )
    .addOption(
      new Option('--trials <count>', 'how often each variant is measured in a campaign')
        .argParser(parseCount(FEWEST_TRIALS, MOST_TRIALS))
        .default(3),
    )
    .addOption(
      new Option('--clients <count>', "clients, instead of the scenario's").argParser(parseCount(1, MOST_CLIENTS)),
    )
    .addOption(
      new Option('--duration <time>', "measured window of a trial, instead of the scenario's").argParser(parseTime),
    )
    .addOption(
      new Option('--warm-up <time>', 'feed before the window').argParser(parseTime).default(2 * NS_PER_SECOND, '2s'),
    )
    .addOption(
      new Option('--seed <number>', 'seed of the first campaign; the next has the next')
        .argParser(parseCount(0, 2 ** 31))
        .default(1),
    )
    .option('--out <folder>', 'where results go', INSTALLATION.calibrations)
    .addHelpText('after', exampleText(['calibrate', '--campaigns', '5', '--budget', '8m']))
    .action(async (scenario: string, options: CalibrateOptions) => {
      const { calibrate } = await import('../verbs/calibrate.ts');
      process.exitCode = await calibrate({ ...choicesOf(scenario, options), command: commandText(program.args) });
    });
}

interface CalibrateOptions {
  readonly campaigns: number;
  readonly budget: number;
  readonly trials: number;
  readonly clients?: number;
  readonly duration?: number;
  readonly warmUp: number;
  readonly seed: number;
  readonly out: string;
}

function choicesOf(scenario: string, options: CalibrateOptions): Omit<Calibration, 'command'> {
  return {
    scenario,
    campaigns: options.campaigns,
    budgetNs: options.budget,
    blocks: options.trials,
    clients: options.clients,
    durationNs: options.duration,
    warmUpNs: options.warmUp,
    seed: options.seed,
    out: options.out,
  };
}
