import { isDimensionId } from '../scenarios/dimensions.ts';
import { Failure } from '../scenarios/failures.ts';
import { withoutSecrets } from '../scenarios/printable.ts';
import { PAYLOAD_KINDS } from '../scenarios/feed/payload.ts';
import { hashFeed } from '../scenarios/feed/schedule-hash.ts';
import type { Workload } from '../scenarios/feed/workload.ts';
import { hasFewerClients, isMeasured, type Result } from '../scenarios/result/result.ts';
import { BACKPLANES } from '../servers/backplanes.ts';
import { TRANSPORTS } from '../servers/registry.ts';
import type { KnownServer } from './foreign/foreign-server.ts';
import { describeEnvironment } from './machine/environment.ts';
import { placeProcesses } from './machine/placement.ts';
import type { CampaignPlan, Course } from './campaign/campaign-plan.ts';
import { GENERATORS } from './registry.ts';
import type { TrialSpec } from './trial-spec.ts';
import { feedOf } from './trial/window.ts';

/** What is asked of a campaign now; what is undefined stays as it was planned. */
export interface Extension {
  readonly trials: number | undefined;
  readonly budgetNs: number | undefined;
  readonly target: number | undefined;
}

/**
 * What is left of a campaign that was begun, as its result has it: nothing but the result is needed, and no file of a
 * workload; but where a server of the user's own is, `known`. Throws `usage` where there is no campaign, or where this feedbench
 * lacks a part of it.
 */
export function planAgain(result: Result, extension: Extension, known?: KnownServer): CampaignPlan {
  const { id, campaign, seed, manifest } = result;
  if (campaign === null)
    throw new Failure(
      'usage',
      `${id} has no blocks to go on with, but trials of a single run, or of an older feedbench; run it again, with --trials 3`,
    );
  const workload = workloadOf(result);
  const own = ownServer(result, known);
  const specs = campaign.cells.map(({ variant, generator, clients, copy }): TrialSpec => {
    const { values } = variant;
    const place = own === undefined ? variant : { transport: own.nearest, backplane: 'memory' };
    return {
      variant: {
        transport: inRows(TRANSPORTS, place.transport, id),
        backplane: inRows(BACKPLANES, place.backplane, id),
        values: Object.fromEntries(Object.entries(values).filter(([dimension]) => knownDimension(dimension, id))),
      },
      ...(own !== undefined && { foreign: own.server }),
      generator: inRows(GENERATORS, generator, id),
      clients,
      trial: 1,
      copy,
      attempt: 1,
      workload,
      seed,
      warmUpNs: manifest.warmUpNs,
      windowNs: manifest.windowNs,
    };
  });
  return {
    workload,
    seed: campaign.seed,
    cells: specs.filter((spec) => !hasFewerClients(spec, workload)),
    light: specs.filter((spec) => hasFewerClients(spec, workload)),
    course: courseOf(campaign, extension),
  };
}

/** Results tell what a server is called, not where it is. */
function ownServer(
  { id, campaign, transports, command }: Result,
  known: KnownServer | undefined,
): KnownServer | undefined {
  const names = new Set((campaign?.cells ?? []).map(({ variant }) => variant.transport));
  const [name = ''] = names;
  if (transports[name]?.outside !== true) {
    if (known === undefined) return undefined;
    const { url } = known.server.address;
    throw new Failure('usage', `${id} is of nodes of feedbench: leave out --target ${withoutSecrets(url)}, --adapter`);
  }
  if (known === undefined)
    throw new Failure(
      'usage',
      `${id} is of a server of your own: say --target and --adapter beside --resume, as when it was begun by: ${command}`,
    );
  if (names.has(known.server.id)) return known;
  throw new Failure(
    'usage',
    `${id} is of "${transports[name].label}", and the adapter is of "${known.server.label}": give the one with which it was begun`,
  );
}

/** A new number of blocks, or a new budget, takes the place of both. */
function courseOf({ plannedBlocks, budgetNs, target }: NonNullable<Result['campaign']>, extension: Extension): Course {
  const isNew = extension.trials !== undefined || extension.budgetNs !== undefined;
  return {
    blocks: isNew ? extension.trials : (plannedBlocks ?? undefined),
    budgetNs: isNew ? extension.budgetNs : (budgetNs ?? undefined),
    target: extension.target ?? target ?? undefined,
  };
}

function workloadOf({ id, workload }: Result): Workload {
  const kind = PAYLOAD_KINDS.find((one) => one === workload.payload.kind);
  if (kind === undefined) throw lacking(workload.payload.kind, id);
  return { ...workload, payload: { ...workload.payload, kind } };
}

function inRows<Id extends string>(rows: Readonly<Record<Id, object>>, id: string, campaign: string): Id {
  const found = (Object.keys(rows) as Id[]).find((candidate) => candidate === id);
  if (found !== undefined) return found;
  throw lacking(id, campaign);
}

function knownDimension(dimension: string, campaign: string): boolean {
  if (isDimensionId(dimension)) return true;
  throw lacking(dimension, campaign);
}

function lacking(what: string, campaign: string): Failure {
  return new Failure('usage', `${campaign} was begun with "${what}", which this feedbench does not have; use that one`);
}

/** Facts that must be the same for blocks to be of one campaign. */
const SAME = ['cpu', 'cores', 'system', 'node', 'lockfileSha256', 'commit', 'placement', 'publisherPriority'] as const;

/**
 * Throws `usage` where the machine, feedbench or the feed is not what it was: then new blocks would be of another campaign.
 */
export async function checkResumable(plan: CampaignPlan, result: Result, redisUrl: string | undefined): Promise<void> {
  const environment = await describeEnvironment(placeProcesses());
  const changed = SAME.find((name) => (environment[name] ?? null) !== (result.environment[name] ?? null));
  if (changed !== undefined)
    throw another(
      result,
      `${changed} was ${String(result.environment[changed])}, and is ${String(environment[changed])}`,
    );
  const hadOwnRedis = ownRedis(result);
  if (hadOwnRedis !== undefined && hadOwnRedis !== (redisUrl === undefined))
    throw another(
      result,
      hadOwnRedis ? 'it had a Redis of its own: unset REDIS_URL' : 'it had the Redis of REDIS_URL: set it',
    );
  const [first] = plan.cells;
  if (first === undefined) throw new RangeError('a campaign has a cell');
  // Of a feed that the server makes nothing is known beforehand.
  if (first.foreign?.isPublishedTo === false) return;
  const feed = feedOf(first);
  const hash = await hashFeed(feed);
  if (hash !== result.manifest.scheduleHash || feed.messages !== result.manifest.messages)
    throw another(result, 'this feedbench makes another feed of its workload and seed');
}

/** Undefined where no trial tells. */
function ownRedis({ trials, transports }: Result): boolean | undefined {
  const telling = trials
    .filter(isMeasured)
    .filter(({ variant }) => transports[variant.transport]?.outside !== true)
    .find(({ variant: { backplane } }) => BACKPLANES[inRows(BACKPLANES, backplane, '')].needsRedis);
  return telling?.processes.some(({ role }) => role === 'redis');
}

function another({ id }: Result, what: string): Failure {
  return new Failure('usage', `${id} cannot go on here: ${what}; run it again from the start`);
}
