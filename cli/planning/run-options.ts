import { type Command, Option } from 'commander';
import { INSTALLATION } from '../../scenarios/installation/installation.ts';
import { Failure } from '../../scenarios/failures.ts';
import { type Fault, FAULT_KIND_IDS } from '../../scenarios/faults.ts';
import { withoutSecrets } from '../../scenarios/printable.ts';
import { exactDuration, NS_PER_SECOND } from '../../scenarios/units.ts';
import { BACKPLANES } from '../../servers/backplanes.ts';
import { TRANSPORTS } from '../../servers/registry.ts';
import type { Course } from '../../load/campaign/campaign-plan.ts';
import { MOST_CLIENTS_OUTSIDE, MOST_NS_OUTSIDE } from './foreign-bounds.ts';
import { GENERATORS } from '../../load/registry.ts';
import { askedValues, addDimensions } from '../dimension-options.ts';
import {
  MOST_CLIENTS,
  parseCount,
  parseFaults,
  parseIds,
  parseTarget,
  parseTime,
  type TargetChoice,
} from '../options.ts';
import type { RunChoices } from './run-plans.ts';
import { MOST_BLOCKS, NAMED_NS, WHOLE_NS } from './usual-time.ts';

const MOST_TRIALS = 1000;

/** What can be measured, and how often; the same for a run and for its plan. */
export function addRunOptions(command: Command): Command {
  return addDimensions(command)
    .argument('[scenario...]', 'scenarios by name, or workload files ending in .json; all of them by default')
    .option('--everything', 'also the variants that scenarios leave out')
    .addOption(new Option('--transport <ids>', 'transports, with commas between').argParser(parseIds(TRANSPORTS)))
    .addOption(new Option('--backplane <ids>', 'backplanes, with commas between').argParser(parseIds(BACKPLANES)))
    .addOption(new Option('--generator <ids>', 'load generators, with commas between').argParser(parseIds(GENERATORS)))
    .addOption(
      new Option('--clients <count>', "clients, instead of the scenario's").argParser(parseCount(1, MOST_CLIENTS)),
    )
    .addOption(
      new Option(
        '--trials <count>',
        `how often each variant is measured, in blocks with all of them; 1 compares little (default: as many as there is time for, ${MOST_BLOCKS} at most)`,
      ).argParser(parseCount(1, MOST_TRIALS)),
    )
    .addOption(
      new Option(
        '--budget <time>',
        `time for the whole run, such as 5m: as many blocks as fit, rather with fewer variants (default: ${exactDuration(NAMED_NS)} for each scenario that is named, ${exactDuration(WHOLE_NS)} for all of them; each variant is measured once in any case)`,
      ).argParser(parseTime),
    )
    .addOption(
      new Option(
        '--target <address or ratio>',
        'an address, such as ws://127.0.0.1:8080/path: a server of your own is measured, by its --adapter; a ratio, such as 1.1, with --budget or --trials: variants whose trials tell it from chance are measured no longer',
      ).argParser(parseTarget),
    )
    .option('--adapter <file>', 'what --target is, and how its messages are read: see USAGE.md, "Your own server"')
    .option(
      '--i-may-load-this-host',
      `a --target that is not this machine is yours to load, or its owner lets you: with ${MOST_CLIENTS_OUTSIDE} clients and for ${exactDuration(MOST_NS_OUTSIDE)} at most`,
    )
    .addOption(new Option('--duration <time>', 'measured window of a trial, such as 10s').argParser(parseTime))
    .addOption(
      new Option('--warm-up <time>', 'feed before the window').argParser(parseTime).default(3 * NS_PER_SECOND, '3s'),
    )
    .addOption(new Option('--fault <faults>', faultHelp()).argParser(parseFaults))
    .addOption(
      new Option('--seed <number>', 'seed of arrivals, payloads and the order of trials')
        .argParser(parseCount(0, 2 ** 32 - 1))
        .default(1),
    )
    .option('--out <folder>', 'where results and reports go', INSTALLATION.out);
}

function faultHelp(): string {
  return `what happens to the servers, instead of the scenario's: kill-node@10s, stop-redis@10s+2s, several with commas between, or none; there are ${FAULT_KIND_IDS.join(', ')}`;
}

/** As commander gives them. */
export interface RunOptions {
  readonly transport?: NonNullable<RunChoices['transports']>;
  readonly backplane?: NonNullable<RunChoices['backplanes']>;
  readonly generator?: RunChoices['generators'];
  readonly clients?: number;
  readonly trials?: number;
  readonly budget?: number;
  readonly target?: TargetChoice;
  readonly adapter?: string;
  readonly iMayLoadThisHost?: boolean;
  readonly duration?: number;
  readonly fault?: readonly Fault[];
  readonly warmUp: number;
  readonly seed: number;
  readonly everything?: true;
  readonly out: string;
}

export function runChoices(scenarios: readonly string[], options: RunOptions): RunChoices {
  return {
    scenarios,
    transports: options.transport,
    backplanes: options.backplane,
    generators: options.generator ?? ['native'],
    asked: askedValues(options),
    clients: options.clients,
    durationNs: options.duration,
    faults: options.fault,
    warmUpNs: options.warmUp,
    seed: options.seed,
    course: courseOf(options),
    everything: options.everything ?? false,
    foreign: foreignOf(options),
    out: options.out,
  };
}

/** Undefined: nodes of feedbench are measured. Throws `usage` for one without the other. */
export function foreignOf({ target, adapter, iMayLoadThisHost = false }: RunOptions): RunChoices['foreign'] {
  const address = target?.address;
  if (address !== undefined && adapter !== undefined) return { address, adapter, isAllowed: iMayLoadThisHost };
  if (address !== undefined)
    throw new Failure(
      'usage',
      `--target ${withoutSecrets(address)}: say with --adapter how its messages are read; USAGE.md shows how`,
    );
  if (adapter !== undefined) throw new Failure('usage', `--adapter ${adapter}: say with --target where the server is`);
  if (iMayLoadThisHost)
    throw new Failure(
      'usage',
      '--i-may-load-this-host is of a server of your own: say with --target where it is, or leave it out',
    );
  return undefined;
}

/** Undefined: as long as is usual. Throws `usage` where options do not go together. */
function courseOf({ trials, budget, target: { ratio: target } = {}, everything }: RunOptions): Course | undefined {
  const several = [...(budget === undefined ? [] : ['--budget']), ...(target === undefined ? [] : ['--target'])];
  if (trials === 1 && several.length > 0)
    throw new Failure('usage', `${several.join(' and ')}: one trial each is no campaign; leave --trials 1 out`);
  if (target !== undefined && budget === undefined && trials === undefined)
    throw new Failure('usage', '--target: say how long it may take at most, with --budget or --trials');
  const blocks = trials ?? (everything === true && budget === undefined ? MOST_BLOCKS : undefined);
  return blocks === undefined && budget === undefined ? undefined : { blocks, budgetNs: budget, target };
}
