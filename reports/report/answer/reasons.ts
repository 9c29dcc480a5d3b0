import { formatDuration } from '../../../scenarios/units.ts';
import { derive, type Figure, isAvailable, sum } from '../../figures/figure.ts';
import { latencyFigure, latencyOf } from '../../figures/figures.ts';
import { countOf, listOf } from '../../figures/wording.ts';
import { centreOf, type Group } from '../groups.ts';
import { bytesCause, cpuCause } from './causes.ts';
import { type Field, samePlace, variantOf } from './field.ts';
import { notFound } from './noise-floor.ts';
import { dependence, type Estimate, intervalText, ratioText, sizeText } from './phrases.ts';
import { contrastOf, estimateOf, type Ranked, type Standing, timesBest } from './standing.ts';
import { absolutes, becauseText, type Standings } from './verdict.ts';

/** More than these nobody reads; the rest stands in the table. */
const MOST_REASONS = 4;
/** A difference in costs that is worth a word. */
const WORTH_A_WORD = 1.05;
/** A stage that holds so much of a difference explains it. */
const EXPLAINS = 0.25;

/** How each variant that the verdict does not name compares with the best seen, the largest difference first. */
export function reasonsOf(field: Field, standings: Standings): string[] {
  const { freshness, bytes } = standings;
  const { ranking } = freshness;
  if (ranking.state === 'unranked') return bytesReasons(field, bytes);
  const { best, rival } = contrastOf(freshness, ranking, bytes.placed);
  // Of two that were not told apart the verdict says all there is.
  if (rival === undefined && freshness.placed.length === 2) return [];
  const others = freshness.placed
    .map(({ group }) => group)
    .filter((group) => group.key !== best.key && group !== rival && timesBest(ranking, group) !== undefined);
  const here = others.filter((group) => samePlace(group, best));
  const told = [...bySize(here, ranking), ...elsewhere(others, best)];
  // One place alone: what is elsewhere is all there is to tell.
  return shortened(
    told.flatMap((group) => otherText(field, ranking, group)),
    others.length,
  );
}

function bySize(groups: readonly Group[], ranked: Ranked): Group[] {
  const size = (group: Group): number => timesBest(ranked, group)?.ratio ?? 0;
  return groups.toSorted((a, b) => size(b) - size(a));
}

/** Of each other place the same transport, or what was freshest there. */
function elsewhere(others: readonly Group[], best: Group): Group[] {
  const away = others.filter((group) => !samePlace(group, best));
  const firsts = away.filter((group, index) => away.findIndex((other) => samePlace(other, group)) === index);
  return firsts.map(
    (first) => away.find((group) => samePlace(group, first) && group.transport === best.transport) ?? first,
  );
}

function shortened(texts: readonly string[], all: number): string[] {
  const shown = texts.slice(0, MOST_REASONS);
  const left = all - shown.length;
  if (left <= 0 || shown.length === 0) return [...shown];
  return [...shown, `${countOf(left, 'more variant')} ${left === 1 ? 'stands' : 'stand'} in the table.`];
}

function otherText(field: Field, ranked: Ranked, group: Group): string[] {
  const { best } = ranked;
  const estimate = timesBest(ranked, group);
  const [name, other] = [field.nameOf(group, best), field.nameOf(best, group)];
  // Who is not ranked is a doubt.
  if (estimate === undefined) return [];
  const costs = costsOf(field, group, best);
  if (!estimate.differs) {
    const rest = costs.text === '' ? '' : ` ${name} took${costs.text}${costs.because}.`;
    return [`${name} and ${other}: in freshness ${notFound(estimate)}.${rest}`];
  }
  const interval = intervalText(estimate);
  const seen = [
    ...(interval === undefined ? [] : [interval]),
    absolutes('staleness.p50', group, best),
    ...dependence(estimate),
  ].join('; ');
  const because = costs.because === '' ? hopCause(group, best) : costs.because;
  const at = costs.text === '' ? '' : `${costs.isDearer ? ' for' : ' at'}${costs.text}`;
  return [`${name} was ${ratioText(estimate.ratio)} times staler than ${other} (${seen})${at}${because}.`];
}

interface Costs {
  readonly isDearer: boolean;
  /** ` 3.16 times the bytes and 2.92 (2.51 to 3.30) times the server CPU`. */
  readonly text: string;
  readonly because: string;
}

function costsOf(field: Field, group: Group, best: Group): Costs {
  const pair = { of: group, to: best };
  const bytes = worthTelling(estimateOf(field, 'bytes.wire', pair));
  const cpu = worthTelling(estimateOf(field, 'cpu.server', pair));
  const parts = [
    ...(bytes === undefined ? [] : [`${sizeText(bytes)} times the bytes`]),
    ...(cpu === undefined ? [] : [`${sizeText(cpu)} times the server CPU`]),
  ];
  return {
    isDearer: [bytes, cpu].some((estimate) => (estimate?.ratio ?? 0) > 1),
    text: parts.length === 0 ? '' : ` ${listOf(parts)}`,
    because: becauseText(causeOf(field, { bytes, cpu }, { group, best })),
  };
}

function causeOf(
  field: Field,
  { bytes, cpu }: { readonly bytes: Estimate | undefined; readonly cpu: Estimate | undefined },
  { group, best }: { readonly group: Group; readonly best: Group },
): string | undefined {
  if (bytes !== undefined) return bytes.ratio > 1 ? bytesCause(field, group, best) : bytesCause(field, best, group);
  return cpu !== undefined && cpu.ratio > 1 ? cpuCause(group, best) : undefined;
}

function worthTelling(estimate: Estimate | undefined): Estimate | undefined {
  const differs = estimate?.differs === true && Math.max(estimate.ratio, 1 / estimate.ratio) >= WORTH_A_WORD;
  return differs ? estimate : undefined;
}

/** `: the way to its log takes 0.92 ms of it`, where a hop between nodes is what makes the difference. */
function hopCause(group: Group, best: Group): string {
  const more = derive([hopNs(group), hopNs(best)], (own, other) => own - other);
  const difference = derive(
    [centreOf(group, 'staleness.p50'), centreOf(best, 'staleness.p50')],
    (own, other) => own - other,
  );
  if (!isAvailable(more) || !isAvailable(difference) || more < EXPLAINS * difference) return '';
  const backplane = variantOf(group)?.backplane ?? 'the backplane';
  return `: the way over ${backplane} to a node takes ${formatDuration(more)} of it`;
}

function hopNs({ counting }: Group): Figure {
  const medians = counting.map(({ trial }) => latencyFigure(latencyOf(trial, 'backplane'), 'p50Ns'));
  return derive(medians, (...values) => sum(values) / values.length);
}

/** Where nothing but bytes is compared: each variant beside the one that takes the fewest. */
function bytesReasons(field: Field, { placed, ranking }: Standing): string[] {
  if (ranking.state === 'unranked' || ranking.winner === undefined) return [];
  const { winner } = ranking;
  const others = placed.map(({ group }) => group).filter(({ key }) => key !== winner.key);
  // The first of them stands in the verdict.
  const texts = others.slice(1).flatMap((group) => {
    const estimate = worthTelling(estimateOf(field, 'bytes.wire', { of: group, to: winner }));
    const because = becauseText(bytesCause(field, group, winner));
    return estimate === undefined
      ? []
      : [
          `${field.nameOf(group, winner)} took ${sizeText(estimate)} times the bytes of ${field.nameOf(winner, group)} (${absolutes('bytes.wire', group, winner)} a message)${because}.`,
        ];
  });
  return shortened(texts, others.length - 1);
}
