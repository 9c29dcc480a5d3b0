import { faultText } from '../../../scenarios/faults.ts';
import { isSilent } from '../../../scenarios/feed/kinds/feed-kinds.ts';
import { hasFewerClients } from '../../../scenarios/result/result.ts';
import { wholeBlocks } from '../../../scenarios/result/blocks.ts';
import { COMPARED, type ComparedMetricId } from '../../figures/compared.ts';
import { isAvailable } from '../../figures/figure.ts';
import { feedRateText } from '../../figures/feed-rate.ts';
import { sharedCoreText } from '../../figures/shared-cores.ts';
import { supportText } from '../../figures/statistics.ts';
import { countOf, distinct, listOf } from '../../figures/wording.ts';
import { predictionsOf, unexplainedOf } from '../group-predictions.ts';
import { centreOf, type Group, messagesOf, upperPercentile } from '../groups.ts';
import { headlineMetrics } from '../ratios.ts';
import type { Report } from '../report.ts';
import { generatorOf } from '../metric-trials.ts';
import type { Field } from './field.ts';
import { floorSource } from './noise-floor.ts';
import { shortList } from './phrases.ts';

/** The figures that every report headlines in which something is said. */
const HEADLINES: readonly ComparedMetricId[] = ['staleness.p50', 'bytes.wire', 'cpu.server', 'memory.server'];

/** What limits the figures although nothing went wrong. */
export function caveatsOf(report: Report, field: Field): string[] {
  return [
    ...disturbed(report),
    ...singles(field),
    ...brokenBlocks(report),
    ...unevenBlocks(field),
    ...percentiles(field),
    ...sharedCores(field),
    ...residuals(field),
    ...realised(field),
    ...missing(field),
    ...otherSights(report, field),
  ];
}

function countingOf({ groups }: Field): Group[] {
  return groups.filter(({ counting }) => counting.length > 0);
}

/** What stands in the figures then is no transport's own. */
function disturbed({ result: { workload } }: Report): string[] {
  if (workload.faults.length === 0) return [];
  return [
    `Servers were struck meanwhile (${listOf(workload.faults.map(faultText))}): these figures are those of a feed that was disturbed.`,
  ];
}

function singles(field: Field): string[] {
  const counts = countingOf(field).map(({ counting }) => counting.length);
  if (counts.length === 0 || Math.max(...counts) > 1) return [];
  const each = counts.length === 1 ? '' : ' each';
  return [`One trial${each}: ${floorSource(field.report.result)} (--trials 3 tells more).`];
}

function brokenBlocks({ result }: Report): string[] {
  const whole = wholeBlocks(result);
  const broken = (result.campaign?.blocks ?? []).map(({ number }) => number).filter((number) => !whole.has(number));
  if (broken.length === 0) return [];
  const text = `${broken.length === 1 ? 'Block' : 'Blocks'} ${listOf(broken.map(String))}`;
  return [`${text} ${broken.length === 1 ? 'is not whole and counts' : 'are not whole and count'} in no comparison.`];
}

function percentiles(field: Field): string[] {
  const groups = countingOf(field);
  const upper = upperPercentile(groups);
  if (groups.length === 0 || upper === 99 || isSilent(field.report.result.workload.feed)) return [];
  const fewest = Math.min(...groups.map(messagesOf));
  return [
    `≈ marks percentiles that too few messages support, which rank nothing: of a variant, ${supportText(fewest)}.`,
  ];
}

/** Nodes that wait for each other show what a backplane adds, and no machine. */
function sharedCores({ groups, nameOf }: Field): string[] {
  const crowded = groups.flatMap((group) => {
    const text = group.counting.map(({ trial }) => sharedCoreText(trial)).find((found) => found !== undefined);
    return text === undefined ? [] : [{ group, text: text.replace(/^its /, '') }];
  });
  return [...Map.groupBy(crowded, ({ text }) => text)].map(
    ([text, items]) =>
      `${shortList(items.map(({ group }) => nameOf(group)))}: its ${text}. This shows what the backplane adds, not what machines of their own carry.`,
  );
}

/** A ratio is of the blocks that both have whole, a centre of all that its variant has. */
function unevenBlocks({ groups, nameOf }: Field): string[] {
  const counts = groups.map(({ counting }) => counting.length).filter((count) => count > 0);
  const most = Math.max(0, ...counts);
  const fewer = groups.filter(({ counting }) => counting.length > 0 && counting.length < most);
  if (fewer.length === 0) return [];
  return [
    `${shortList(fewer.map((group) => nameOf(group)))} had fewer trials than the others: ratios are of the blocks that both variants have, so they do not fit the figures beside them exactly.`,
  ];
}

function residuals({ groups, nameOf }: Field): string[] {
  const off = unexplainedOf(groups);
  if (off.length === 0) return [];
  const all = groups.flatMap(predictionsOf).filter(({ longRunOnly }) => !longRunOnly);
  const listed = off.map(({ group, prediction, text }) => `${prediction.quantity} of ${nameOf(group)} (${text})`);
  return [
    `${off.length} of ${countOf(all.length, 'prediction')} ${off.length === 1 ? 'is' : 'are'} off by more than 15 %: ${shortList(listed)}.`,
  ];
}

/** Of all trials that count, where it is another one than planned. */
function realised(field: Field): string[] {
  const { feed } = field.report.result.workload;
  const trials = countingOf(field).flatMap(({ counting }) => counting.map(({ trial }) => trial));
  const text = feedRateText(feed, trials);
  if (!text.includes('planned')) return [];
  return [`The feed came to ${text}${feed.kind === 'fixed' ? '' : ', as chance has it'}.`];
}

function missing(field: Field): string[] {
  const { report } = field;
  const headlines = isSilent(report.result.workload.feed) ? headlineMetrics(report) : HEADLINES;
  return headlines.flatMap((metric) => {
    const reasons = countingOf(field).flatMap((group) => {
      const figure = centreOf(group, metric);
      return isAvailable(figure) ? [] : [figure.reason];
    });
    return reasons.length === 0 ? [] : [`No ${COMPARED[metric].label}: ${listOf(distinct(reasons))}.`];
  });
}

/** Other generators' trials are second opinions. */
function otherSights({ result, all }: Report, { groups }: Field): string[] {
  const [own] = groups.map(({ rows }) => generatorOf(rows));
  const others = distinct(
    all
      .filter(({ trial }) => trial.generator !== own && !hasFewerClients(trial, result.workload))
      .map(({ trial }) => result.generators[trial.generator]?.label ?? trial.generator),
  );
  if (others.length === 0) return [];
  const label = own === undefined ? 'the first generator' : (result.generators[own]?.label ?? own);
  return [
    `What ${listOf(others)} measured is a second opinion and in no ranking: the answer is what the generator ${label} saw.`,
  ];
}
