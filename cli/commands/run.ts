import { type Command, Option } from 'commander';
import { NS_PER_SECOND } from '../../scenarios/units.ts';
import { BACKPLANES, TRANSPORTS } from '../../servers/registry.ts';
import { GENERATORS } from '../../load/registry.ts';
import { DEFAULT_OUT, MOST_CLIENTS, parseCount, parseIds, parseTime } from '../options.ts';
import { addDimensions, askedValues } from '../dimension-options.ts';
import { commandText, exampleText } from '../command-text.ts';
import type { RunChoices } from '../verbs/run.ts';

export function addRun(program: Command): void {
  addDimensions(program.command('run'))
    .description('measure transports under a workload, and write a report')
    .argument('[scenario...]', 'scenarios by name, or workload files ending in .json; all of them by default')
    .addOption(new Option('--transport <ids>', 'transports, with commas between').argParser(parseIds(TRANSPORTS)))
    .addOption(new Option('--backplane <ids>', 'backplanes, with commas between').argParser(parseIds(BACKPLANES)))
    .addOption(new Option('--generator <ids>', 'load generators, with commas between').argParser(parseIds(GENERATORS)))
    .addOption(
      new Option('--clients <count>', "clients, instead of the scenario's").argParser(parseCount(1, MOST_CLIENTS)),
    )
    .addOption(new Option('--duration <time>', 'measured window of a trial, such as 10s').argParser(parseTime))
    .addOption(
      new Option('--warm-up <time>', 'feed before the window').argParser(parseTime).default(3 * NS_PER_SECOND, '3s'),
    )
    .addOption(
      new Option('--seed <number>', 'seed of arrivals and payloads').argParser(parseCount(0, 2 ** 32 - 1)).default(1),
    )
    .option('--out <folder>', 'where results and reports go', DEFAULT_OUT)
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
    .action(async (scenarios: string[], options: RunOptions) => {
      const { run } = await import('../verbs/run.ts');
      process.exitCode = await run({ ...runChoices(scenarios, options), command: commandText(program.args) });
    });
}

interface RunOptions {
  readonly transport?: NonNullable<RunChoices['transports']>;
  readonly backplane?: NonNullable<RunChoices['backplanes']>;
  readonly generator?: RunChoices['generators'];
  readonly clients?: number;
  readonly duration?: number;
  readonly warmUp: number;
  readonly seed: number;
  readonly out: string;
}

function runChoices(scenarios: readonly string[], options: RunOptions): Omit<RunChoices, 'command'> {
  return {
    scenarios,
    transports: options.transport,
    backplanes: options.backplane,
    generators: options.generator ?? ['native'],
    asked: askedValues(options),
    clients: options.clients,
    durationNs: options.duration,
    warmUpNs: options.warmUp,
    seed: options.seed,
    out: options.out,
  };
}
