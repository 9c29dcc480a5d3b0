import type { AskedValues } from '../../scenarios/dimensions.ts';
import { Failure } from '../../scenarios/failures.ts';
import { isAddressed, isSilent } from '../../scenarios/feed/kinds/feed-kinds.ts';
import { loadWorkload, type Workload } from '../../scenarios/feed/workload.ts';
import { publishFeed } from '../../load/cluster/publication.ts';
import { takeRedisUrl } from '../../load/fleet/redis-server.ts';
import { LINE_MARK } from '../../load/k6/lines.ts';
import { openWayIn } from '../../servers/node/way-in.ts';
import { commandText } from '../command-text.ts';
import { stopOnSignals } from '../signals.ts';
import { complain, exitCodeOfPrinting, print } from '../terminal.ts';

export interface PublishChoices {
  readonly scenario: string;
  readonly feed: string;
  readonly asked: AskedValues;
  readonly clients?: number;
  readonly duration?: number;
  readonly warmUp: number;
  readonly seed: number;
  readonly host: string;
  readonly port: number;
  readonly lead: number;
  readonly wait: number;
}

/** The one that nodes elsewhere share and whose feed a publisher can number. */
const BACKPLANE = 'redis';

/** Plays a feed to nodes on other hosts; what it played goes to standard output, for `merge`. Returns the exit code. */
export async function publish(choices: PublishChoices): Promise<number> {
  const redisUrl = takeRedisUrl();
  if (redisUrl === undefined)
    throw new Failure('usage', 'publish: set REDIS_URL to the Redis of the nodes, such as redis://10.0.0.4:6379');
  const { feed, host, port, seed, asked } = choices;
  await publishFeed(
    {
      workload: workloadFor(choices),
      seed,
      warmUpNs: choices.warmUp,
      backplane: BACKPLANE,
      asked,
      host,
      port,
      patienceNs: choices.wait,
      leadNs: choices.lead,
      command: commandText(process.argv.slice(2)),
      stop: stopOnSignals(complain),
      say: complain,
    },
    async (path, onHealth) => openWayIn({ path, redisUrl, feed, backplane: BACKPLANE, onHealth }),
    (published) => print(LINE_MARK + JSON.stringify(published)),
  );
  return exitCodeOfPrinting();
}

function workloadFor({ scenario, clients, duration }: PublishChoices): Workload {
  const workload = loadWorkload(scenario);
  if (isAddressed(workload.feed) || isSilent(workload.feed) || workload.faults.length > 0)
    throw new Failure(
      'usage',
      `scenario ${workload.name}: the scripts of k6 follow a feed that goes to all, and nothing is made to happen to nodes elsewhere: choose another, such as ticker`,
    );
  return { ...workload, clients: clients ?? workload.clients, durationNs: duration ?? workload.durationNs };
}
