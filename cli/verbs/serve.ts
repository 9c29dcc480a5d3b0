import { type KeyObject, randomUUID } from 'node:crypto';
import type { AskedValues } from '../../scenarios/dimensions.ts';
import { loadWorkload, type Workload } from '../../scenarios/feed/workload.ts';
import { startRedis, takeRedisUrl } from '../../load/fleet/redis-server.ts';
import { Failure } from '../../scenarios/failures.ts';
import { rulesFor } from '../../scenarios/tokens.ts';
import { loopbackNetwork } from '../../load/machine/network.ts';
import { type FeedNode, openNode } from '../../servers/node/node.ts';
import { type BackplaneId, backplaneRow } from '../../servers/backplanes.ts';
import { type TransportId, transportRow, tryItOf } from '../../servers/registry.ts';
import { type NamedLine, section } from '../lines.ts';
import { CHAT_PATH } from '../serving/chat-page.ts';
import { doorFiles } from '../serving/door-page.ts';
import { publishForever } from '../serving/feed-by-hand.ts';
import { planDoors, type ServedDoors } from '../serving/served-doors.ts';
import { readTokenKey, tokenText } from '../serving/token-key.ts';
import { endOnSignals } from '../signals.ts';
import { complain, print, printText } from '../terminal.ts';

export interface ServeChoices {
  readonly transports: readonly TransportId[];
  readonly backplane: BackplaneId;
  readonly nodes: number;
  /** One value of a dimension at most. */
  readonly asked: AskedValues;
  readonly scenario: string;
  readonly host: string;
  /** Of the first node; the others follow. */
  readonly port: number;
  /** Origins of pages that may ask. */
  readonly origin: readonly string[];
  /** The path of a file; absent: anybody is let in. */
  readonly tokenKey?: string;
  /** In the Redis of the user's, and played by somebody else; absent: a feed of its own. */
  readonly feed?: string;
}

/** Serves a workload's feed until a signal ends it. */
export async function serve(choices: ServeChoices): Promise<number> {
  const given = takeRedisUrl();
  requireShared(choices, given);
  const workload = loadWorkload(choices.scenario);
  const doors = planDoors(choices, workload);
  const key = choices.tokenKey === undefined ? undefined : readTokenKey(choices.tokenKey);
  if (key !== undefined && choices.origin.includes('*'))
    throw new Failure('usage', '--origin *: any page could use the cookies of whoever looks at it; name their origins');
  await using cleanup = new AsyncDisposableStack();
  const stop = Promise.withResolvers<Error | undefined>();
  const ended = new AbortController();
  endOnSignals(() => stop.resolve(undefined));
  const place = { cleanup, onTrouble: stop.resolve };
  const redisUrl = given ?? (await ownRedis(choices, doors, place));
  const nodes: FeedNode[] = [];
  // Random: in containers processes have the same numbers.
  const shared = {
    feed: choices.feed ?? `serve-${randomUUID()}`,
    isOwn: choices.feed === undefined,
    complained: new Set<string>(),
  };
  for (let index = 0; index < choices.nodes; index++) {
    const served = {
      ...choices,
      ...shared,
      ...(redisUrl !== undefined && { redisUrl }),
      ...(key !== undefined && { key }),
      index,
    };
    const node = await openServed(served, doors, workload);
    cleanup.defer(async () => node.close());
    nodes.push(node);
  }
  tell(choices, doors, nodes);
  if (key !== undefined) printText(tokenText(key, choices.tokenKey ?? ''));
  print(
    shared.isOwn
      ? `${workload.name}: ${workload.description}; Ctrl-C ends it`
      : `the feed ${shared.feed}, for as long as somebody plays it; Ctrl-C ends it`,
  );
  cleanup.defer(() => ended.abort());
  const [first] = nodes;
  if (first !== undefined && shared.isOwn)
    void publishForever(async (body) => first.backplane.append(body), workload, ended.signal);
  const trouble = await stop.promise;
  if (trouble !== undefined) throw trouble;
  return 0;
}

/** A feed that others play is where they play it. Throws `usage`. */
function requireShared({ feed, backplane }: ServeChoices, redisUrl: string | undefined): void {
  if (feed === undefined) return;
  if (backplaneRow(backplane).needsRedis && backplaneRow(backplane).sharesLog && redisUrl !== undefined) return;
  throw new Failure(
    'usage',
    `--feed ${feed}: others play it, so take --backplane redis, and set REDIS_URL to the Redis of all nodes`,
  );
}

async function ownRedis(
  { backplane }: ServeChoices,
  { redisSubscriberBytes }: ServedDoors,
  { cleanup, onTrouble }: { cleanup: AsyncDisposableStack; onTrouble: (error: Error) => void },
): Promise<string | undefined> {
  if (!backplaneRow(backplane).needsRedis) return undefined;
  const network = loopbackNetwork('served by hand');
  const { url } = await startRedis({ network, cores: [], cleanup, subscriberBytes: redisSubscriberBytes }, onTrouble);
  print(`a private Redis at ${url}`);
  return url;
}

interface Served extends Omit<ServeChoices, 'feed'> {
  readonly redisUrl?: string;
  readonly key?: KeyObject;
  readonly index: number;
  /** One for all nodes. */
  readonly feed: string;
  /** Whether these nodes play it, and nobody is left who has it when they end. */
  readonly isOwn: boolean;
  /** What was said to be wrong since all was well. */
  readonly complained: Set<string>;
}

async function openServed(served: Served, doors: ServedDoors, workload: Workload): Promise<FeedNode> {
  const { backplane, host, port, origin, redisUrl, key, index, feed, isOwn, complained } = served;
  // What keeps it from opening is said once, by its failure; afterwards each thing that is wrong is, for all nodes
  // together: the connection is closed, nobody is there, what is there has the feed no longer.
  let wasHealthy = false;
  return openNode(
    {
      ...doors.bounds,
      transports: [...doors.transports],
      values: doors.values,
      backplane,
      host,
      port: port === 0 ? 0 : port + index,
      origins: [...origin],
      files: doorFiles(doors, { workload, node: index + 1, ...served }),
      forgetOnClose: isOwn,
      feed,
      ...(redisUrl !== undefined && { redisUrl }),
      ...(key !== undefined && { tokens: rulesFor(key) }),
    },
    {
      onHealth: (healthy, reason) => {
        wasHealthy ||= healthy;
        if (healthy) complained.clear();
        else if (wasHealthy && !complained.has(reason)) {
          complained.add(reason);
          complain(reason);
        }
      },
    },
  );
}

function tell({ host, tokenKey }: ServeChoices, doors: ServedDoors, nodes: readonly FeedNode[]): void {
  const { transports, values, limits, without, shut } = doors;
  for (const limit of limits) print(`${limit}: no other door is open`);
  for (const one of without) print(`${one}: there it is as usual`);
  for (const one of shut) print(`${one}: its door is not open`);
  const addresses = nodes.map(({ port }) => `${host.includes(':') ? `[${host}]` : host}:${port}`);
  for (const [index, address] of addresses.entries())
    print(`${nodes.length === 1 ? 'a node' : `node ${index + 1}`} at ${address}, its doors live at http://${address}/`);
  const here = (text: string): string => text.replaceAll('HOST', addresses[0] ?? '');
  printText(
    section(
      'Try',
      transports.map((transport) => [transportRow(transport).label, here(tryItOf({ transport, values }))]),
    ),
  );
  if (doors.canChat)
    printText(
      section(
        'Talk',
        // Without a token nobody talks there, and a command line is no place for one.
        talkLines(tokenKey === undefined ? transports : []).map(([name, text]) => [name, here(text)]),
      ),
    );
}

/** How people talk to each other, whatever each of them uses. */
function talkLines(transports: readonly TransportId[]): NamedLine[] {
  const byHand = transports.flatMap((id): NamedLine[] => {
    const { label, talk } = transportRow(id);
    if (talk === undefined) return [];
    const { hear, say } = talk;
    const lines = 'command' in say ? [say.command] : say.typed.map((text) => `then type ${text}`);
    return [[label, hear], ...lines.map((text): NamedLine => ['', text])];
  });
  return [['In browsers', `http://HOST${CHAT_PATH}`], ...byHand];
}
