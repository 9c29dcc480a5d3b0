import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { readLatest } from '../../cli/testing/feedbench-process.ts';
import { printText } from '../../cli/terminal.ts';
import { buildReport, type Report } from '../../reports/report/report.ts';
import { headlineMetrics, ratioBetween } from '../../reports/report/ratios.ts';
import { FAILURES } from '../../scenarios/failures.ts';
import { formatDuration, NS_PER_MS, NS_PER_SECOND } from '../../scenarios/units.ts';
import { TreeCopy } from '../tree-copy.ts';
import { calledWorse, changeOf, type Finding, groupOf, laterBy, notTold, stalenessFinding } from './findings.ts';
import { plantDoors, plantTransport, takePlaceOfWebSocket } from './planted-doors.ts';

/**
 * Whether a campaign finds what is there, and nothing else: `node tools/sensitivity/sensitivity.ts --trials 5` plants a
 * WebSocket door that is 5 ms slower and one that costs 2 % more CPU beside the plain one; `--equal 20` plants five that are
 * equal, and measures 20 campaigns of them. It ends with 1 where a campaign says something else than what was planted.
 */
const SLOWER = 'websocket-slower';
const COSTLIER = 'websocket-costlier';
const PLANTED_NS = 5 * NS_PER_MS;

const EQUAL = ['one', 'two', 'three', 'four', 'five'].map((name) => `websocket-${name}`);
const EQUAL_CLIENTS = 20;
const EQUAL_TRIALS = 3;
/** Of 20 honest campaigns, 3 to 4 in 100 call one of five worse: one in 20 is chance. */
const MOST_WRONG_SHARE = 1 / 20;

const WINDOW = { planted: { warmUp: '2s', duration: '4s' }, equal: { warmUp: '1s', duration: '2s' } };
/** Beside the feed of a trial, measured on two cores. */
const BESIDE_NS = 2.5 * NS_PER_SECOND;

interface Campaign {
  readonly transports: readonly string[];
  readonly words: readonly string[];
  /** Where its result lies in the copy. */
  readonly out?: string;
}

async function measure(copy: TreeCopy, { transports, words, out: folder = 'out' }: Campaign): Promise<Report> {
  const out = join(copy.path, folder);
  const fixed = ['cli/cli.ts', 'run', 'ticker', '--backplane', 'memory', '--out', out];
  const { output } = await copy.run([...fixed, '--transport', transports.join(','), ...words]);
  try {
    return buildReport(await readLatest(out));
  } catch (error) {
    throw new Error(`no campaign was measured:\n${output}`, { cause: error });
  }
}

function windowWords({ warmUp, duration }: (typeof WINDOW)[keyof typeof WINDOW]): string[] {
  return ['--warm-up', warmUp, '--duration', duration];
}

function say(what: string, { isRight, text }: Finding): void {
  printText(`${isRight ? 'as it should be' : 'WRONG'}: ${what}: ${text}`);
  if (!isRight) process.exitCode = 1;
}

/** A plain WebSocket, its copy as the control, and the two that were planted. */
async function holdPlanted(copy: TreeCopy, trials: number): Promise<void> {
  plantTransport(copy, { id: SLOWER, label: 'WebSocket, 5 ms slower', door: 'slower' });
  plantTransport(copy, { id: COSTLIER, label: 'WebSocket, 2 % costlier', door: 'costlier' });
  announce({ campaigns: 1, perCampaign: trials * 4, feedNs: 6 * NS_PER_SECOND });
  const report = await measure(copy, {
    transports: ['websocket', SLOWER, COSTLIER],
    words: [...windowWords(WINDOW.planted), '--trials', String(trials)],
  });
  const to = groupOf(report, 'websocket');
  const slower = groupOf(report, SLOWER);
  const costlier = groupOf(report, COSTLIER);
  say('5 ms slower, in one campaign', stalenessFinding(report, { of: slower, to }, PLANTED_NS));
  const ratio = ratioBetween(report, 'cpu.server', { of: costlier, to });
  say('2 % costlier in CPU, in one campaign', notTold(ratio));
}

/** The plain WebSocket, and each planted door in its place: campaigns of their own, which `compare` holds against each other. */
async function holdCompared(copy: TreeCopy, trials: number): Promise<void> {
  announce({ campaigns: 3, perCampaign: trials * 2, feedNs: 6 * NS_PER_SECOND });
  const words = [...windowWords(WINDOW.planted), '--trials', String(trials)];
  const campaignOf = async (out: string): Promise<Report> => measure(copy, { transports: ['websocket'], words, out });
  const before = await campaignOf('plain');
  const undo = takePlaceOfWebSocket(copy, 'slower');
  const slower = changeOf({ before, after: await campaignOf('slower') }, 'websocket', 'staleness.p50');
  undo();
  takePlaceOfWebSocket(copy, 'costlier');
  const costlier = changeOf({ before, after: await campaignOf('costlier') }, 'websocket', 'cpu.server');
  say('5 ms slower, by compare', laterBy(PLANTED_NS, slower.estimate, slower.before));
  say(
    '5 ms slower, by the exit code of compare',
    await exitOf(copy, 'slower', { rule: 'websocket.staleness.p50 > +10%', isBroken: true }),
  );
  say('2 % costlier in CPU, by compare', notTold(costlier.estimate));
  say(
    '2 % costlier in CPU, by the exit code of compare',
    await exitOf(copy, 'costlier', { rule: 'websocket.cpu.server > +1%', isBroken: false }),
  );
}

async function exitOf(
  copy: TreeCopy,
  out: string,
  { rule, isBroken }: { readonly rule: string; readonly isBroken: boolean },
): Promise<Finding> {
  const results = ['plain', out].map((folder) => join(copy.path, folder, 'latest'));
  const { code } = await copy.run(['cli/cli.ts', 'compare', ...results, '--fail-if', rule]);
  return {
    isRight: (code === FAILURES.assertion.exitCode) === isBroken && (isBroken || code === 0),
    text: `exit code ${code} with --fail-if '${rule}'`,
  };
}

/** Five that are one, under five names. */
async function holdEqual(copy: TreeCopy, campaigns: number): Promise<void> {
  for (const id of EQUAL) plantTransport(copy, { id, label: `WebSocket ${id.slice('websocket-'.length)}` });
  announce({ campaigns, perCampaign: EQUAL_TRIALS * (EQUAL.length + 1), feedNs: 3 * NS_PER_SECOND });
  const wrong = new Map<string, number>();
  for (let campaign = 1; campaign <= campaigns; campaign++) {
    const words = ['--trials', String(EQUAL_TRIALS), '--clients', String(EQUAL_CLIENTS), '--seed', String(campaign)];
    const report = await measure(copy, { transports: EQUAL, words: [...windowWords(WINDOW.equal), ...words] });
    const called = headlineMetrics(report).flatMap((metric) => {
      const worse = calledWorse(report, metric);
      if (worse.length > 0) wrong.set(metric, (wrong.get(metric) ?? 0) + 1);
      return worse.map((label) => `${label} by ${metric}`);
    });
    printText(`campaign ${campaign} of ${campaigns}: ${called.length === 0 ? 'nobody is worse' : called.join(', ')}`);
  }
  const most = Math.max(1, campaigns * MOST_WRONG_SHARE);
  const words = [...wrong].map(([metric, count]) => `${metric} in ${count} of ${campaigns}`);
  say('five that are equal', {
    isRight: [...wrong.values()].every((count) => count <= most),
    text: wrong.size === 0 ? 'none is called worse' : `one is called worse by ${words.join(', ')}`,
  });
}

function announce(size: { readonly campaigns: number; readonly perCampaign: number; readonly feedNs: number }): void {
  const trials = size.campaigns * size.perCampaign;
  printText(`${trials} trials, about ${formatDuration(trials * (size.feedNs + BESIDE_NS))}`);
}

const { values } = parseArgs({
  options: {
    trials: { type: 'string', default: '5' },
    equal: { type: 'string' },
  },
});

using copy = new TreeCopy();
plantDoors(copy);
if (values.equal === undefined) {
  await holdPlanted(copy, Number(values.trials));
  await holdCompared(copy, Number(values.trials));
} else await holdEqual(copy, Number(values.equal));
