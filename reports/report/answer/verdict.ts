import { isSilent } from '../../../scenarios/feed/kinds/feed-kinds.ts';
import { COMPARED, type ComparedMetricId } from '../../figures/compared.ts';
import { isAvailable } from '../../figures/figure.ts';
import { sharedCoreText } from '../../figures/shared-cores.ts';
import { isSupported } from '../../figures/statistics.ts';
import { countOf, distinct, listOf } from '../../figures/wording.ts';
import { UNSUPPORTED_MARK } from '../comparison.ts';
import { centreOf, type Group, messagesOf, rangeOf } from '../groups.ts';
import { controlOf } from '../ratios.ts';
import { idleTexts } from '../kinds/idle-texts.ts';
import { ownAnswer } from '../kinds/own-answer.ts';
import { hasFaults, isSuspect } from '../rows.ts';
import { bytesCause } from './causes.ts';
import { type Field, isDisturbed, samePlace } from './field.ts';
import { floorText, isSingle, notFound } from './noise-floor.ts';
import { above, dependence, figureText, ratioText, sentence, shortList, sizeText } from './phrases.ts';
import {
  behind,
  type Contrast,
  contrastOf,
  estimateOf,
  foremost,
  type Ranked,
  type Standing,
  timesBest,
} from './standing.ts';

export interface Standings {
  readonly freshness: Standing;
  readonly bytes: Standing;
}

/** How a sentence begins that says what must be doubted of those before it. */
const RESERVATION = 'But ';

export function isReservation(text: string): boolean {
  return text.startsWith(RESERVATION);
}

/** One or two sentences, and a third where they must be doubted. */
export function verdictOf(field: Field, standings: Standings): string[] {
  const counting = field.groups.filter((group) => group.counting.length > 0);
  if (counting.length === 0) return ['Nothing could be measured.'];
  if (isSilent(field.report.result.workload.feed))
    return [...idleTexts(field), ...doubtOf(counting, { field, metric: 'cpu.idle' })];
  const own = ownAnswer(field, counting);
  if (own === undefined) return standingTexts(field, standings, counting);
  if (own.isRankedToo) return [...own.texts, ...standingTexts(field, standings, counting)];
  const bytes = counting.length > 1 ? leastBytes(field, standings.bytes) : [];
  return [...own.texts, ...bytes, ...doubtOf(counting, { field })];
}

/** How fresh it was, for what bytes. */
function standingTexts(field: Field, standings: Standings, [only, second]: readonly Group[]): string[] {
  if (only === undefined) return [];
  if (second === undefined) return aloneText(field, only);
  const { freshness, bytes } = standings;
  if (freshness.ranking.state === 'unranked' || freshness.placed.length < 2) return unrankedText(field, standings);
  const contrast = contrastOf(freshness, freshness.ranking, bytes.placed);
  const disturbed = [...contrast.equals, ...(contrast.rival === undefined ? [] : [contrast.rival])].filter((group) =>
    isDisturbed(group, 'staleness.p50'),
  );
  // How much of a difference was the disturbance, nothing tells: of two such a ratio says nothing.
  if (disturbed.length > 1) return unrankedText(field, standings, suspectText(field, disturbed));
  return contrast.rival === undefined
    ? [...equalTexts(field, standings, contrast), ...doubtOf(contrast.equals, { field })]
    : contrastTexts(field, freshness.ranking, { ...contrast, rival: contrast.rival });
}

interface Pair extends Contrast {
  readonly rival: Group;
}

function contrastTexts(field: Field, ranked: Ranked, pair: Pair): string[] {
  const { best, equals, rival } = pair;
  const fresher = timesBest(ranked, rival);
  if (fresher === undefined) return [];
  const seen = [absolutes('staleness.p50', best, rival), ...dependence(fresher)].join('; ');
  const cpu = cpuText(field, pair);
  const chance = isSingle(fresher) ? [chanceText(field, pair)] : [];
  return [
    `${openingText(field, pair)} ${sizeText(fresher)} times fresher than ${field.nameOf(rival, best)} (${seen})${bytesText(field, pair)}.`,
    ...(cpu === undefined ? [] : [cpu]),
    ...doubtOf([...equals, rival], { field, chance }),
  ];
}

/** `On one node, WebSocket was`; where several were not told apart, that comes first. */
function openingText(field: Field, { best, equals, rival }: Pair): string {
  const isHere = field.home !== undefined && [rival, ...equals].every((group) => samePlace(best, group));
  const place = isHere && field.nameOf(best) === field.nameOf(best, rival) ? `On ${field.placeOf(best)}, ` : '';
  const name = field.nameOf(best, rival);
  return equals.length > 1
    ? `${place}${shortList(equals.map((group) => field.nameOf(group)))} were not told apart; ${name}, the best seen, was`
    : `${place}${name} was`;
}

/** `these are single trials (floor of 25 Nov 2026: ×1.36)`. */
function chanceText(field: Field, { best, rival }: Pair): string {
  const alone = estimateOf(field, 'staleness.p50', { of: best, to: rival });
  return alone === undefined ? 'these are single trials' : `these are single trials (${floorText(alone)})`;
}

/** `1.73 ms against 1.50 s`. */
export function absolutes(metric: ComparedMetricId, one: Group, other: Group): string {
  return `${figureText(centreOf(one, metric), metric)} against ${figureText(centreOf(other, metric), metric)}`;
}

/** ` for 1.28 times the bytes (420 B against 327 B a message): 60 messages share one polled answer`. */
function bytesText(field: Field, { best, rival }: Pair): string {
  const estimate = estimateOf(field, 'bytes.wire', { of: best, to: rival });
  if (estimate === undefined) return '';
  if (!estimate.differs) return ', with no difference found in bytes';
  const cause = estimate.ratio > 1 ? bytesCause(field, best, rival) : bytesCause(field, rival, best);
  const at = estimate.ratio > 1 ? 'for' : 'at';
  const seen = [`${absolutes('bytes.wire', best, rival)} a message`, ...dependence(estimate)].join('; ');
  return ` ${at} ${sizeText(estimate)} times the bytes (${seen})${becauseText(cause)}`;
}

export function becauseText(cause: string | undefined): string {
  return cause === undefined ? '' : `: ${cause}`;
}

function cpuText(field: Field, { best, rival }: Pair): string | undefined {
  const estimate = estimateOf(field, 'cpu.server', { of: best, to: rival });
  if (estimate === undefined) return undefined;
  if (!estimate.differs) return `In server CPU: ${notFound(estimate)}.`;
  const seen = [`${absolutes('cpu.server', best, rival)} a message`, ...dependence(estimate)].join('; ');
  return `${field.nameOf(best, rival)} took ${sizeText(estimate)} times the server CPU (${seen}).`;
}

/** All of them were as fresh as one another, as far as it could be seen. */
function equalTexts(field: Field, { freshness, bytes }: Standings, { best, equals }: Contrast): string[] {
  if (freshness.ranking.state === 'unranked') return [];
  const { ranking } = freshness;
  const all = equals.map((group) => field.nameOf(group));
  const others = equals.filter(({ key }) => key !== best.key);
  const found = others.flatMap((group) => timesBest(ranking, group) ?? []);
  const smallest = Math.max(...found.map((estimate) => estimate.smallest));
  const [single] = found;
  const text =
    single !== undefined && found.length === 1
      ? notFound(single)
      : `no difference found; one of ×${ratioText(smallest)} would have been, 4 times in 5`;
  const medians = equals.map((group) => figureText(centreOf(group, 'staleness.p50'), 'staleness.p50'));
  return [
    `${shortList(all)} were not told apart in freshness (${shortList(medians)}): ${text}.`,
    ...leastBytes(field, bytes),
  ];
}

/** `HTTP polling every 3 s took the fewest bytes, 0.78 times those of WebSocket (327 B against 420 B a message): …`. */
function leastBytes(field: Field, standing: Standing): string[] {
  const { ranking } = standing;
  if (ranking.state === 'unranked') return [];
  const { winner, best } = ranking;
  if (winner === undefined) {
    const names = foremost(standing, ranking).map((group) => field.nameOf(group));
    return [
      `In bytes a message ${shortList(names)} were not told apart (${figureText(centreOf(best, 'bytes.wire'), 'bytes.wire')}).`,
    ];
  }
  const [next] = behind(standing, ranking);
  const estimate = next === undefined ? undefined : estimateOf(field, 'bytes.wire', { of: winner, to: next });
  if (next === undefined || estimate === undefined) return [];
  return [
    `${field.nameOf(winner)} took the fewest bytes, ${sizeText(estimate)} times those of ${field.nameOf(next, winner)} (${absolutes('bytes.wire', winner, next)} a message)${becauseText(bytesCause(field, next, winner))}.`,
  ];
}

const ONLY_BYTES = 'only bytes can be compared';

/** `every trial of WebSocket and Server-Sent Events is suspect`. */
function suspectText(field: Field, groups: readonly Group[]): string {
  return `every trial of ${shortList(groups.map((group) => field.nameOf(group)))} is suspect`;
}

function unrankedText(field: Field, { freshness, bytes }: Standings, why?: string): string[] {
  const { ranking } = freshness;
  const reason = why ?? (ranking.state === 'unranked' ? ranking.reason : 'one variant alone can be ranked');
  const known = freshness.placed.map(
    ({ group, centre }) =>
      `${supportMark(group, 'staleness.p50')}${figureText(centre, 'staleness.p50')} with ${field.nameOf(group)}`,
  );
  const limit = reason.includes(ONLY_BYTES) ? reason : `${ONLY_BYTES}: ${reason}`;
  const least = leastBytes(field, bytes);
  return [
    ...least,
    least.length === 0 ? sentence(limit) : `${RESERVATION}${limit}.`,
    ...(known.length === 0 ? [] : [`Median staleness, not ranked: ${shortList(known, 5)}.`]),
  ];
}

/** Before a percentile that too few messages support. */
function supportMark(group: Group, metric: ComparedMetricId): string {
  const { percentile } = COMPARED[metric];
  return percentile === undefined || isSupported(percentile, messagesOf(group)) ? '' : `${UNSUPPORTED_MARK} `;
}

const COSTS_ALONE = [
  ['bytes.wire', 'on the wire'],
  ['cpu.server', 'of server CPU'],
] as const satisfies [ComparedMetricId, string][];

function aloneText(field: Field, group: Group): string[] {
  const median = centreOf(group, 'staleness.p50');
  const range = rangeOf(group, 'staleness.p50');
  const spread = range === undefined ? [] : distinct(range.map((value) => figureText(value, 'staleness.p50')));
  const trials = group.counting.length === 1 ? 'one trial' : countOf(group.counting.length, 'trial');
  const seen = spread.length > 1 ? `${trials}, ${spread.join(' to ')}` : trials;
  const costs = COSTS_ALONE.flatMap(([metric, of]) => {
    const cost = centreOf(group, metric);
    return isAvailable(cost) ? [`${figureText(cost, metric)} ${of}`] : [];
  });
  const name = field.nameOf(group);
  const age = isAvailable(median)
    ? `With ${name} the median message was ${figureText(median, 'staleness.p50')} old when a client could read it (${seen})`
    : `How old messages were with ${name} is not known (${median.reason})`;
  return [
    costs.length === 0 ? `${age}.` : `${age}, for ${costs.join(' and ')} a message.`,
    'Nothing else was measured beside it, so nothing is ranked.',
    ...doubtOf([group], { field }),
  ];
}

interface Doubted {
  readonly field: Field;
  readonly chance?: readonly string[];
  /** What the sentence is about. */
  readonly metric?: ComparedMetricId;
}

/** What must be doubted of the trials behind a sentence, in a sentence of its own. */
function doubtOf(groups: readonly Group[], { field, chance = [], metric = 'staleness.p50' }: Doubted): string[] {
  const rows = groups.flatMap(({ counting }) => counting);
  const names = (of: (group: Group) => boolean): string[] => groups.filter(of).map((group) => field.nameOf(group));
  const disturbed = names((group) => isDisturbed(group, metric));
  const suspects = rows.filter((row) => isSuspect(row)).length;
  const faulty = names(({ counting }) => counting.some((row) => hasFaults(row)));
  const crowded = names(({ counting }) => counting.some(({ trial }) => sharedCoreText(trial) !== undefined));
  const clauses = [
    ...controlClause(field),
    ...(disturbed.length === 0
      ? suspectClause(suspects, rows.length)
      : [`every trial of ${shortList(disturbed)} is suspect, so this is not to be ranked`]),
    ...chance,
    ...(faulty.length === 0 ? [] : [`${shortList(faulty)} failed the audit`]),
    ...(crowded.length === 0 ? [] : [`the nodes of ${shortList(crowded)} share cores`]),
  ];
  return clauses.length === 0 ? [] : [`${RESERVATION}${listOf(clauses)}.`];
}

/** Beside what was found stands how far one thing was from itself, where that is more than chance. */
function controlClause({ report }: Field): string[] {
  const red = controlOf(report).find(({ metric, isRed }) => isRed && metric === 'staleness.p50');
  if (red?.ratio.state !== 'estimated') return [];
  return [`the same variant measured twice differed by ${ratioText(above(red.ratio).ratio)} times`];
}

function suspectClause(suspects: number, all: number): string[] {
  if (suspects === 0) return [];
  return [`${suspects} of the ${countOf(all, 'trial')} behind this ${suspects === 1 ? 'is' : 'are'} suspect`];
}
