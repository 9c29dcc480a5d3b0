import { isSilent } from '../../scenarios/feed/kinds/feed-kinds.ts';
import { CLASS_IDS, type ClassId, classOf } from '../../scenarios/carriage.ts';
import { INSTALLATION } from '../../scenarios/installation/installation.ts';
import { noiseFor, type NoiseEntry } from '../../scenarios/result/noise.ts';
import { cadenceOf } from '../../servers/registry.ts';
import { plannedBlocks } from '../../load/campaign/campaign-length.ts';
import type { ScenarioPlan } from '../../load/plan.ts';
import { dueInPlannedWindow } from '../../load/trial/window.ts';
import { COMPARED, type ComparedMetricId } from '../../reports/figures/compared.ts';
import { isSupported } from '../../reports/figures/statistics.ts';
import { countOf, listOf } from '../../reports/figures/wording.ts';
import { smallestRatio } from '../../reports/statistics/ratio.ts';

/** Of ln(figure), where a machine has no history: windows of 6 s, 200 clients, 20 messages a second, 2 cores. */
const USUAL_SD: Readonly<Record<ClassId, Partial<Record<ComparedMetricId, number>>>> = {
  prompt: { 'staleness.p50': 0.105, 'staleness.p99': 0.24, 'cpu.server': 0.12, 'bytes.wire': 0.0003 },
  interval: { 'staleness.p50': 0.0024, 'staleness.p99': 0.001, 'cpu.server': 0.32, 'bytes.wire': 0 },
};

const CLASS_WORDS: Readonly<Record<ClassId, string>> = {
  interval: 'clients poll',
  prompt: 'clients get messages at once',
};

/** Below it nothing is called a difference, whatever the trials say. */
const SMALLEST = 1.002;
const PERCENTILES = [99, 95, 90, 75] as const;

/** Which percentiles the messages of a plan will support, and which differences it would find, in lines. */
export function findableLines(plan: ScenarioPlan, history: readonly NoiseEntry[]): string[] {
  const [first] = plan.cells;
  if (first === undefined || isSilent(plan.workload.feed)) return [];
  const blocks = plannedBlocks(plan);
  const messages = dueInPlannedWindow(first) * blocks;
  const supported = PERCENTILES.find((percentile) => isSupported(percentile, messages));
  const upper = supported ?? 75;
  const headlines: readonly ComparedMetricId[] = ['staleness.p50', `staleness.p${upper}`, 'cpu.server', 'bytes.wire'];
  return [
    `  its ${countOf(messages, 'message')} ${messages === 1 ? 'supports' : 'support'} ${supportedText(messages, supported)}`,
    ...CLASS_IDS.flatMap((classId) => classLine(plan, { classId, headlines, blocks, history })),
  ];
}

function supportedText(messages: number, upper: number | undefined): string {
  if (upper !== undefined) return `p50 and p${upper}`;
  return isSupported(50, messages) ? 'p50 alone' : 'no percentile: choose a longer --duration, or more --trials';
}

interface Question {
  readonly classId: ClassId;
  readonly headlines: readonly ComparedMetricId[];
  readonly blocks: number;
  readonly history: readonly NoiseEntry[];
}

function classLine(plan: ScenarioPlan, { classId, headlines, blocks, history }: Question): string[] {
  const members = plan.cells.filter(({ variant }) => classOf(cadenceOf(variant)) === classId).length;
  if (members < 2) return [];
  const degrees = (members - 1) * (blocks - 1);
  const found = headlines.flatMap((metric) => {
    const known = noiseFor(history, { classId, metric, windowNs: plan.workload.durationNs });
    // A single trial has no scatter of its own.
    const spread = blocks > 1 ? { sd: known?.sd ?? usualSd(classId, metric), degrees } : known;
    if (spread === undefined) return [];
    const ratio = Math.max(SMALLEST, smallestRatio(spread, blocks));
    return [`${COMPARED[metric].label} × ${ratioText(ratio)}`];
  });
  if (found.length === 0)
    return ['  one trial each, and no history of this machine: it tells bytes apart, and what differs tenfold'];
  const newest = history
    .map(({ measuredAt }) => measuredAt.slice(0, 10))
    .toSorted()
    .at(-1);
  const basis =
    newest === undefined
      ? `usual scatter; ${INSTALLATION.command} calibrate finds that of this machine`
      : `scatter of ${newest}`;
  return [`  where ${CLASS_WORDS[classId]} it finds, 4 times in 5, ${listOf(found)} (${basis})`];
}

function ratioText(ratio: number): string {
  return ratio < 1.1 ? ratio.toFixed(3) : ratio.toPrecision(3);
}

/** Of a percentile between those that are known, the higher one's. */
function usualSd(classId: ClassId, metric: ComparedMetricId): number {
  return USUAL_SD[classId][metric] ?? USUAL_SD[classId]['staleness.p99'] ?? 0;
}
