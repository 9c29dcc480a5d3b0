import { NS_PER_SECOND } from '../../scenarios/units.ts';
import { deliversLatest } from '../../scenarios/feed/conflation.ts';
import { DIMENSIONS } from '../../scenarios/dimensions.ts';
import { isCompressed, nodesOf, pollIntervalNsOf, type Variant } from '../../scenarios/variant.ts';
import { realisedRate } from '../figures/feed-rate.ts';
import { derive, type Figure, isAvailable, per, sum } from '../figures/figure.ts';
import { type Figures, latencyFigure, latencyOf } from '../figures/figures.ts';
import { whyNoTheory } from '../theory/scope.ts';
import { type CostModel, type Demand, type Offer, offersOf, type Way } from '../theory/way-costs.ts';
import { type Field, fieldOf, isDisturbed } from './answer/field.ts';
import { shortList } from './answer/phrases.ts';
import type { Group } from './groups.ts';
import { rankingOf } from './ratios.ts';
import type { Report } from './report.ts';
import type { MeasuredRow } from './rows.ts';

/** How far a cell is from what was measured. */
export type Evidence = 'measured' | 'near' | 'beyond';

/** What is cheapest for a freshness and a rate. */
export interface Choice {
  readonly group: Group;
  readonly offer: Offer;
  /** What it is cheapest in. */
  readonly cheapest: readonly ('bytes' | 'CPU')[];
  /** For each number of clients of the table. */
  readonly cores: readonly { readonly count: number; readonly isBeyond: boolean }[];
}

export interface DecisionCell {
  readonly messagesPerSecond: number;
  /** One where bytes and CPU agree, none where nothing that was measured can be so fresh. */
  readonly choices: readonly Choice[];
  readonly evidence: Evidence;
}

export type Decision =
  | {
      readonly state: 'table';
      readonly model: CostModel;
      readonly clients: readonly number[];
      readonly rows: readonly { readonly withinNs: number; readonly cells: readonly DecisionCell[] }[];
      /** What of the trials behind it must be doubted, in sentences. */
      readonly doubts: readonly string[];
    }
  | { readonly state: 'none'; readonly reason: string };

const WITHIN_NS = [20e6, 100e6, NS_PER_SECOND, 5 * NS_PER_SECOND];
const RATES = [0.1, 1, 10, 100];
const CLIENTS = [100, 1000, 10_000, 100_000];
/** Up to here a law that was checked in one place may be believed in another. */
const NEAR = 10;
const SAME = 1.05;

/** Which transport meets a demand for the least, by the laws of theory and what this run measured. */
export function decisionOf(report: Report): Decision {
  const why = whyNoTheory(report.result);
  if (why !== undefined) return { state: 'none', reason: why };
  const field = fieldOf(report);
  const groups = field.groups.filter(isUsable);
  if (report.result.workload.faults.length > 0)
    return {
      state: 'none',
      reason: 'Something was made to happen to the servers: what a message cost then is that too.',
    };
  if (report.result.campaign === null || groups.some(({ counting }) => counting.length < 2))
    return {
      state: 'none',
      reason:
        'One trial each: what a message costs is not known well enough to say what it would cost elsewhere. Run again with --trials 3.',
    };
  const known = groups.flatMap((group) => {
    const way = wayOf(report, field, group);
    return way === undefined ? [] : [{ group, way }];
  });
  if (new Set(known.map(({ group }) => group.transport)).size < 2)
    return {
      state: 'none',
      reason:
        'It takes two transports on one node, uncompressed, whose bytes and CPU are known: there is nothing to choose from.',
    };
  const model = modelOf(known);
  const rates = nearestReplaced(RATES, model.messagesPerSecond);
  const clients = nearestReplaced(CLIENTS, model.clients);
  const rows = WITHIN_NS.map((withinNs) => ({
    withinNs,
    cells: rates.map((messagesPerSecond) => cellOf({ model, groups, clients }, { messagesPerSecond, withinNs })),
  }));
  return {
    state: 'table',
    model,
    clients,
    rows,
    doubts: doubtsOf(
      field,
      known.map(({ group }) => group),
    ),
  };
}

/** A table names the least, also where little is known of which it is. */
function doubtsOf({ report, nameOf }: Field, groups: readonly Group[]): string[] {
  const names = (some: readonly Group[]): string => shortList(some.map((group) => nameOf(group)));
  const disturbed = groups.filter((group) => isDisturbed(group, 'cpu.server'));
  const ranking = rankingOf(report, 'cpu.server');
  const isTie = ranking.state === 'ranked' && ranking.winner === undefined;
  const equals = isTie ? [ranking.best, ...ranking.tied].filter((group) => groups.includes(group)) : [];
  return [
    ...(disturbed.length === 0 ? [] : [`Every trial of ${names(disturbed)} is suspect.`]),
    ...(equals.length < 2
      ? []
      : [`In server CPU ${names(equals)} were not told apart; the table has the least that was seen.`]),
  ];
}

/** The laws are those of whole messages, uncompressed, from one node. */
function isUsable({ counting, cadence }: Group): boolean {
  const variant = counting[0]?.trial.variant;
  return (
    variant !== undefined &&
    cadence !== undefined &&
    nodesOf(variant) === 1 &&
    !isCompressed(variant) &&
    !deliversLatest(variant.values) &&
    isAskedForEach(variant)
  );
}

/** Who asks at each interval, and gets what there is by then. */
function isAskedForEach({ values: { ask, cache } }: Variant): boolean {
  return (
    (ask ?? DIMENSIONS.ask.usual) === DIMENSIONS.ask.usual &&
    (cache ?? DIMENSIONS.cache.usual) === DIMENSIONS.cache.usual
  );
}

function wayOf({ result }: Report, { nameOf }: Field, group: Group): Way | undefined {
  const { key, cadence, counting } = group;
  const mean = meanOver(counting);
  const answers = mean(({ deliveries, answers: all }) => per(deliveries, all, 'nothing is asked for'));
  const perAnswer = isAvailable(answers) && answers > 0 && cadence !== 'push' ? answers : 1;
  const messageBytes = mean(({ payloadBytesPerMessage }) => payloadBytesPerMessage);
  const wireBytes = mean(({ wireBytesPerMessage }) => wireBytesPerMessage.total);
  const cpuNs = mean(({ cpuNsPerDelivery }) => cpuNsPerDelivery.node);
  const variant = counting[0]?.trial.variant;
  if (!isAvailable(messageBytes) || !isAvailable(wireBytes) || !isAvailable(cpuNs)) return undefined;
  if (variant === undefined || cadence === undefined || cpuNs <= 0) return undefined;
  return {
    key,
    // Polling is one way, whatever intervals were measured: its interval is free.
    name: nameOf(group).replace(/ every [\d.]+ \S+/, ''),
    cadence,
    messageBytes,
    extraBytes: (wireBytes - messageBytes) * perAnswer,
    cpuNs: cpuNs * perAnswer,
    messagesPerAnswer: perAnswer,
    intervalNs: cadence === 'interval' ? pollIntervalNsOf(variant, result.workload) : 0,
  };
}

function meanOver(rows: readonly MeasuredRow[]): (of: (figures: Figures) => Figure) => Figure {
  return (of) =>
    derive(
      rows.map(({ figures }) => of(figures)),
      (...values) => Math.exp(sum(values.map((value) => Math.log(value))) / values.length),
    );
}

function modelOf(known: readonly { readonly group: Group; readonly way: Way }[]): CostModel {
  const rows = known.flatMap(({ group }) => group.counting);
  const mean = (of: (row: MeasuredRow) => number): number => sum(rows.map(of)) / rows.length;
  return {
    delayNs: mean((row) => row.trial.oneWayDelayNs + medianNs(row, 'lateness') + medianNs(row, 'backplane')),
    clients: mean(({ trial }) => trial.clients),
    messagesPerSecond: mean(({ trial }) => realisedRate(trial)),
    ways: known.map(({ way }) => way),
  };
}

/** 0 where it is not seen. */
function medianNs({ trial }: MeasuredRow, id: 'lateness' | 'backplane'): number {
  const figure = latencyFigure(latencyOf(trial, id), 'p50Ns');
  return isAvailable(figure) ? figure : 0;
}

/** The list with what was measured in the place of what is nearest to it. */
function nearestReplaced(list: readonly number[], measured: number): number[] {
  const distance = (value: number): number => Math.abs(Math.log(value / measured));
  const nearest = list.toSorted((a, b) => distance(a) - distance(b))[0];
  return list.map((value) => (value === nearest ? measured : value));
}

interface Table {
  readonly model: CostModel;
  readonly groups: readonly Group[];
  readonly clients: readonly number[];
}

function cellOf(table: Table, asked: Omit<Demand, 'clients'>): DecisionCell {
  const { model, groups } = table;
  const offers = offersOf(model, { ...asked, clients: model.clients });
  const least = (of: (offer: Offer) => number): Offer | undefined => offers.toSorted((a, b) => of(a) - of(b))[0];
  const bytes = least(({ bytesPerSecond }) => bytesPerSecond);
  const cpu = least(({ cpuNsPerSecond }) => cpuNsPerSecond);
  const chosen = [...new Set([bytes, cpu])].filter((offer) => offer !== undefined);
  const choices = chosen.flatMap((offer): Choice[] => {
    const group = groups.find(({ key }) => key === offer.key);
    if (group === undefined) return [];
    const cheapest = [...(offer === bytes ? (['bytes'] as const) : []), ...(offer === cpu ? (['CPU'] as const) : [])];
    return [{ group, offer, cheapest, cores: coresOf(table, asked, offer) }];
  });
  return {
    messagesPerSecond: asked.messagesPerSecond,
    choices,
    evidence: evidenceOf(Math.max(1, ...choices.map(({ offer }) => offer.reach))),
  };
}

function coresOf({ model, clients }: Table, asked: Omit<Demand, 'clients'>, { key }: Offer): Choice['cores'] {
  return clients.map((count) => {
    const offer = offersOf(model, { ...asked, clients: count }).find((other) => other.key === key);
    return { count: offer?.cores ?? 0, isBeyond: evidenceOf(offer?.reach ?? Number.POSITIVE_INFINITY) === 'beyond' };
  });
}

function evidenceOf(reach: number): Evidence {
  if (reach <= SAME) return 'measured';
  return reach <= NEAR ? 'near' : 'beyond';
}
