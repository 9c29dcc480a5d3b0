import { isSilent } from '../../../scenarios/feed/kinds/feed-kinds.ts';
import { COMPARED, type ComparedMetricId } from '../../figures/compared.ts';
import { isAvailable } from '../../figures/figure.ts';
import { isSupported } from '../../figures/statistics.ts';
import { countOf, distinct } from '../../figures/wording.ts';
import { centreOf, type Group, messagesOf, rangeOf, upperPercentile } from '../groups.ts';
import { isSuspect } from '../rows.ts';
import { type Field, isDisturbed } from './field.ts';
import { floorText, isSingle, notFound } from './noise-floor.ts';
import { dependence, type Estimate, figureText, inverse, ratioText, sentence, shortList, sizeText } from './phrases.ts';
import {
  behind,
  calledBest,
  estimateOf,
  foremost,
  type Ranked,
  type Standing,
  standingOf,
  timesBest,
} from './standing.ts';

/** One measure at a glance: who is first, by how much, how sure. */
export interface Tile {
  readonly title: string;
  /** What is measured, in two or three words. */
  readonly unit: string;
  /** One, or several that were not told apart; none where nothing is ranked. */
  readonly winners: readonly { readonly group: Group; readonly name: string }[];
  readonly claim: string;
  /** What to doubt of it. */
  readonly doubts: readonly string[];
  readonly isLogarithmic: boolean;
  /** What stands in the second column of figures, where there is one: `p95`. */
  readonly upper: string | undefined;
  /** The least first. */
  readonly dots: readonly Dot[];
}

/** A variant's trials on the tile's scale, on which places are shares of its width. */
export interface Dot {
  readonly group: Group;
  readonly name: string;
  readonly text: string;
  readonly place: number;
  readonly range: readonly [from: number, to: number];
  readonly rangeText: string;
  readonly upper: { readonly text: string; readonly place: number } | undefined;
  /** Every one of its trials is suspect. */
  readonly isSuspect: boolean;
}

interface Measure {
  readonly title: string;
  readonly unit: string;
  readonly metric: ComparedMetricId;
  /** Of the better of two: `1.30 times fresher than …`; costs have the share that it takes. */
  readonly better?: string;
  /** Stands below the tile in any case. */
  readonly note?: string;
}

const MEASURES: readonly Measure[] = [
  { title: 'Freshness', unit: 'median staleness', metric: 'staleness.p50', better: 'fresher' },
  { title: 'Bytes', unit: 'on the wire, a message', metric: 'bytes.wire' },
  { title: 'Server CPU', unit: 'a message', metric: 'cpu.server', note: 'Idle time included.' },
  { title: 'Memory', unit: 'of the server, most', metric: 'memory.server' },
];

/** Of connections on which nothing is said. */
const IDLE_MEASURES: readonly Measure[] = [
  {
    title: 'Bytes',
    unit: 'on the wire, an idle connection and minute',
    metric: 'bytes.idle',
    note: 'At the usual heartbeat.',
  },
  { title: 'Server CPU', unit: 'an idle connection and minute', metric: 'cpu.idle', note: 'At the usual heartbeat.' },
  { title: 'Memory', unit: 'of the nodes, an idle connection', metric: 'memory.idle' },
];

/** Ends of a scale that are further apart than this lie on a logarithmic one. */
const WIDE = 10;

export function tilesOf(field: Field): Tile[] {
  const measures = isSilent(field.report.result.workload.feed) ? IDLE_MEASURES : MEASURES;
  return measures.flatMap((measure) => tileOf(field, measure) ?? []);
}

function tileOf(field: Field, measure: Measure): Tile | undefined {
  const standing = standingOf(field, measure.metric);
  const shown = standing.placed.map(({ group }) => group);
  const upperMetric = measure.metric === 'staleness.p50' ? upperOf(field) : undefined;
  const scale = scaleOf(shown, [measure.metric, ...(upperMetric === undefined ? [] : [upperMetric])]);
  if (scale === undefined) return undefined;
  const { ranking } = standing;
  const firsts = ranking.state === 'unranked' || shown.length < 2 ? [] : foremost(standing, ranking);
  const claim = claimOf(field, standing, measure);
  const best = calledBest(standing);
  const isCalled = best.length === firsts.length;
  return {
    title: measure.title,
    unit: measure.unit,
    winners: best.map((group) => ({ group, name: field.nameOf(group) })),
    claim:
      shown.length < 2
        ? 'Nothing to compare it with.'
        : [isCalled ? claim : aboutText(field, firsts, claim), ...upperClaim(field, upperMetric)].join(' '),
    doubts: [
      ...doubtsOf(field, standing, firsts),
      ...(measure.note === undefined ? [] : [measure.note]),
      ...(scale.isLogarithmic ? ['Log scale.'] : []),
    ],
    isLogarithmic: scale.isLogarithmic,
    upper: upperMetric === undefined ? undefined : `p${COMPARED[upperMetric].percentile}`,
    dots: shown.flatMap((group) => dotOf({ field, group, scale }, measure.metric, upperMetric) ?? []),
  };
}

/** Beside the median, where the messages support one. */
function upperOf({ groups }: Field): ComparedMetricId | undefined {
  const counting = groups.filter((group) => group.counting.length > 0);
  const upper = upperPercentile(counting);
  return counting.every((group) => isSupported(upper, messagesOf(group))) ? `staleness.p${upper}` : undefined;
}

/** `At p95: WebSocket and SSE.`: who is first there, where somebody is. */
function upperClaim(field: Field, metric: ComparedMetricId | undefined): string[] {
  if (metric === undefined) return [];
  const standing = standingOf(field, metric);
  const { ranking } = standing;
  if (ranking.state === 'unranked') return [];
  const firsts = foremost(standing, ranking);
  const names = shortList(firsts.map((group) => field.nameOf(group)));
  return [
    `At p${COMPARED[metric].percentile} ${firsts.length === 1 ? `${names} was first` : `${names} were not told apart`}.`,
  ];
}

/** A claim that has nobody above it as its winner names whom it is about. */
function aboutText(field: Field, firsts: readonly Group[], claim: string): string {
  const names = shortList(firsts.map((group) => field.nameOf(group)));
  return `${names}: ${claim.slice(0, 1).toLocaleLowerCase('en-US')}${claim.slice(1)}`;
}

function claimOf(field: Field, standing: Standing, measure: Measure): string {
  const { ranking } = standing;
  if (ranking.state === 'unranked') return sentence(ranking.reason);
  const firsts = foremost(standing, ranking);
  const [next] = behind(standing, ranking);
  const tie = firsts.length > 1 ? tieText(ranking, firsts) : undefined;
  if (next === undefined) return tie ?? 'Nothing to compare it with.';
  const estimate = timesBest(ranking, next);
  const than = estimate === undefined ? undefined : betterText(field, { measure, estimate, next });
  return [tie, than].filter((part) => part !== undefined).join(' ');
}

function betterText(
  field: Field,
  { measure, estimate, next }: { readonly measure: Measure; readonly estimate: Estimate; readonly next: Group },
): string {
  const { better, metric } = measure;
  const text =
    better === undefined
      ? `${sizeText(inverse(estimate))} times the ${figureText(centreOf(next, metric), metric)} of ${field.nameOf(next)}`
      : `${sizeText(estimate)} times ${better} than ${field.nameOf(next)}`;
  return `${[text, ...dependence(estimate)].join('; ')}.`;
}

function tieText(ranked: Ranked, firsts: readonly Group[]): string {
  const found = firsts.flatMap((group) => timesBest(ranked, group) ?? []);
  const [single] = found;
  if (single === undefined) return 'Not told apart.';
  if (found.length === 1) return sentence(notFound(single));
  const smallest = Math.max(...found.map((estimate) => estimate.smallest));
  return `None was told from the best; one ×${ratioText(smallest)} of it would have been, 4 times in 5.`;
}

function doubtsOf(field: Field, { metric, placed, ranking }: Standing, firsts: readonly Group[]): string[] {
  const suspects = firsts.flatMap(({ counting }) => counting).filter((row) => isSuspect(row)).length;
  const disturbed = placed.map(({ group }) => group).filter((group) => isDisturbed(group, metric));
  const next = placed.map(({ group }) => group).find((group) => !firsts.includes(group));
  const best = firsts[0];
  const estimate =
    best === undefined || next === undefined ? undefined : estimateOf(field, metric, { of: next, to: best });
  return [
    ...(ranking.state === 'ranked' && suspects > 0
      ? [
          `${countOf(suspects, 'trial')} of ${shortList(firsts.map((group) => field.nameOf(group)))} ${suspects === 1 ? 'is' : 'are'} suspect.`,
        ]
      : []),
    ...(estimate !== undefined && isSingle(estimate) && estimate.from !== 'campaign'
      ? [`One trial each: ${floorText(estimate)}.`]
      : []),
    ...(disturbed.length === 0
      ? []
      : [`Not to be ranked, every trial suspect: ${shortList(disturbed.map((group) => field.nameOf(group)))}.`]),
  ];
}

interface Scale {
  readonly isLogarithmic: boolean;
  readonly placeOf: (value: number) => number;
}

/** From the least to the most of what is shown, with a little room; undefined where there is nothing. */
function scaleOf(groups: readonly Group[], metrics: readonly ComparedMetricId[]): Scale | undefined {
  const values = groups.flatMap((group) => metrics.flatMap((metric) => rangeOf(group, metric) ?? []));
  if (values.length === 0) return undefined;
  const [least, most] = [Math.min(...values), Math.max(...values)];
  const isLogarithmic = least > 0 && most / least > WIDE;
  const at = isLogarithmic ? Math.log : (value: number): number => value;
  const from = isLogarithmic ? at(least) : 0;
  const length = at(most) - from;
  return { isLogarithmic, placeOf: (value) => (length <= 0 ? 0 : (at(value) - from) / length) };
}

function dotOf(
  { field, group, scale }: { readonly field: Field; readonly group: Group; readonly scale: Scale },
  metric: ComparedMetricId,
  upperMetric: ComparedMetricId | undefined,
): Dot | undefined {
  const centre = centreOf(group, metric);
  const [low, high] = rangeOf(group, metric) ?? [];
  if (!isAvailable(centre) || low === undefined || high === undefined) return undefined;
  const upper = upperMetric === undefined ? undefined : centreOf(group, upperMetric);
  const ends = distinct([low, high].map((value) => figureText(value, metric)));
  return {
    group,
    name: field.nameOf(group),
    text: figureText(centre, metric),
    place: scale.placeOf(centre),
    range: [scale.placeOf(low), scale.placeOf(high)],
    rangeText: ends.length > 1 ? ends.join(' to ') : '',
    upper:
      upper === undefined || upperMetric === undefined || !isAvailable(upper)
        ? undefined
        : { text: figureText(upper, upperMetric), place: scale.placeOf(upper) },
    isSuspect: group.counting.every((row) => isSuspect(row)),
  };
}
