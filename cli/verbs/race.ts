import { loadWorkload } from '../../scenarios/feed/workload.ts';
import { Failure } from '../../scenarios/failures.ts';
import { openNode } from '../../servers/node/node.ts';
import { TRANSPORT_IDS, type TransportId } from '../../servers/registry.ts';
import { laneFiles, lanesOf, renderRace } from '../racing/race-pages.ts';
import { RaceLines } from '../racing/race-lines.ts';
import { RaceServer } from '../racing/race-server.ts';
import { publishForever } from '../serving/feed-by-hand.ts';
import { planDoors } from '../serving/served-doors.ts';
import { endOnSignals } from '../signals.ts';
import { print } from '../terminal.ts';

export interface RaceChoices {
  readonly scenario: string;
  readonly transports?: readonly TransportId[];
  readonly host: string;
  readonly port: number;
  readonly delayMs: number;
}

/** Serves a page in which the same feed arrives through all transports side by side, until a signal ends it. */
export async function race({
  scenario,
  transports = TRANSPORT_IDS,
  host,
  port,
  delayMs,
}: RaceChoices): Promise<number> {
  const workload = loadWorkload(scenario);
  const doors = planDoors({ transports, backplane: 'memory', asked: { nodes: [1] } }, workload);
  const lanes = lanesOf(doors.variants);
  if (lanes.length === 0) throw new Failure('usage', 'no page can follow what was asked for: choose other transports');
  await using cleanup = new AsyncDisposableStack();
  const stop = Promise.withResolvers<void>();
  endOnSignals(() => stop.resolve());
  const node = await openNode(
    {
      ...doors.bounds,
      transports: [...doors.transports],
      values: doors.values,
      backplane: 'memory',
      host,
      port: 0,
      files: laneFiles({ workload, lanes }),
      forgetOnClose: true,
      feed: `race-${process.pid}`,
    },
    {},
  );
  cleanup.defer(async () => node.close());
  const server = cleanup.use(
    new RaceServer({
      render: (viewer, lines) => renderRace({ workload, lanes }, viewer, lines),
      openLines: async () => RaceLines.open({ host, serverPort: node.port, count: lanes.length, delayMs }),
    }),
  );
  const address = `${host.includes(':') ? `[${host}]` : host}:${await server.open(host, port)}`;
  print(`${workload.name} through ${lanes.length} lanes, side by side: open http://${address}/; Ctrl-C ends it`);
  const ended = new AbortController();
  cleanup.defer(() => ended.abort());
  void publishForever(async (body) => node.backplane.append(body), workload, ended.signal);
  await stop.promise;
  return 0;
}
