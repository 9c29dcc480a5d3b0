import { type Command, Option } from 'commander';
import { dimension, DIMENSION_IDS, type DimensionId } from '../../scenarios/dimensions.ts';
import { NS_PER_SECOND } from '../../scenarios/units.ts';
import { askedValues, singleOptionOf } from '../dimension-options.ts';
import { exampleText } from '../command-text.ts';
import { MOST_CLIENTS, parseAddress, parseCount, parseTime } from '../options.ts';
import type { PublishChoices } from '../cluster/publish.ts';

const MOST_PORT = 65_535;
const MOST_SEED = 2 ** 32 - 1;

/** Of what a cluster is, that which only whoever set it up can say; the rest is as usual, or the scripts' own. */
const TOLD: readonly DimensionId[] = DIMENSION_IDS.filter(
  (id) => id === 'nodes' || id === 'pollIntervalNs' || dimension(id).of === 'path',
);

export function addPublish(program: Command): void {
  const command = program
    .command('publish')
    .description('play a feed to nodes on other hosts, when the k6 of all hosts are there: see deploy/README.md')
    .argument('[scenario]', 'whose feed to play, by name or as a workload file', 'ticker')
    .requiredOption('--feed <name>', 'the feed that the nodes serve (serve --feed), in the Redis of REDIS_URL');
  for (const id of TOLD) command.addOption(singleOptionOf(id));
  command
    .addOption(
      new Option('--clients <count>', "of all k6 together, instead of the scenario's").argParser(
        parseCount(1, MOST_CLIENTS),
      ),
    )
    .addOption(new Option('--duration <time>', 'measured window, such as 10s').argParser(parseTime))
    .addOption(
      new Option('--warm-up <time>', 'feed before the window').argParser(parseTime).default(3 * NS_PER_SECOND, '3s'),
    )
    .addOption(
      new Option('--seed <number>', 'seed of arrivals and payloads').argParser(parseCount(0, MOST_SEED)).default(1),
    )
    .addOption(
      new Option('--host <address>', 'where the k6 of other hosts reach this')
        .argParser(parseAddress)
        .default('0.0.0.0'),
    )
    .addOption(
      new Option('--port <number>', 'and at which port; 0 takes a free one')
        .argParser(parseCount(0, MOST_PORT))
        .default(3100),
    )
    .addOption(
      new Option('--lead <time>', 'for clients to connect, before the feed begins')
        .argParser(parseTime)
        .default(5 * NS_PER_SECOND, '5s'),
    )
    .addOption(
      new Option('--wait <time>', 'how long clients are waited for')
        .argParser(parseTime)
        .default(600 * NS_PER_SECOND, '10m'),
    )
    .addHelpText('after', exampleText(['publish', 'ticker', '--feed', 'cluster', '--nodes', '3', '--clients', '1000']))
    .action(async (scenario: string, options: PublishOptions) => {
      const { publish } = await import('../cluster/publish.ts');
      process.exitCode = await publish({ ...options, scenario, asked: askedValues(options) });
    });
}

type PublishOptions = Omit<PublishChoices, 'scenario' | 'asked'>;
