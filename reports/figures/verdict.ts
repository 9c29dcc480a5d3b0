import { Histogram } from '../../scenarios/measures/histogram.ts';
import {
  inWindow,
  type MeasuredTrial,
  type ProcessRecord,
  type Result,
  windowNs,
} from '../../scenarios/result/result.ts';
import { formatDuration, NS_PER_MS, NS_PER_US } from '../../scenarios/units.ts';
import { isAvailable, per } from './figure.ts';
import { counterTotal, foreignShare, histogramOf, processCpuNs, processWaitNs } from './figures.ts';
import { latenessOf, missesOf } from './link-findings.ts';
import { highestSupported } from './statistics.ts';
import { countOf, percentText } from './wording.ts';

/** Whether the instrument itself, or the machine around it, was too disturbed for the trial's figures to be believed. */
export type Verdict =
  | { readonly state: 'trusted' }
  | { readonly state: 'suspect'; readonly reasons: readonly [Reason, ...Reason[]] };

export interface Reason {
  readonly code: ReasonCode;
  readonly cause: Cause;
  /** With its numbers. */
  readonly seen: string;
  /** What it passed. */
  readonly bound: string;
  /** How many times its bound it came to. */
  readonly excess: number;
  /** What to do about it. */
  readonly remedy: string;
}

/**
 * A cause outside is one that another trial may be spared. What the load itself causes comes back with it, so a trial must
 * not be replaced for it: that would flatter the variant that makes the load.
 */
type Cause = 'outside' | 'load';

interface Rule {
  readonly cause: Cause;
  readonly remedy: (environment: Result['environment'], trial: MeasuredTrial) => string;
  /** Each thing that passed its bound; none in a trial at ease, or where the system does not tell. */
  readonly find: (trial: MeasuredTrial, siblings: Siblings) => readonly Finding[];
}

/** The variant's other trials. */
type Siblings = readonly MeasuredTrial[];

type Finding = Pick<Reason, 'seen' | 'bound' | 'excess'>;

/** Where each of these bounds comes from stands in METHODOLOGY.md, "When not to believe it". */
const MOST_UTILIZATION = 0.7;
const MOST_CPU_SHARE = 0.8;
/** Of a percentile that is shown: what puts less than this into it does not change what it says. */
const MOST_SHARE_OF_PERCENTILE = 0.05;
/** Of what clients say one late message is late at each who hears it, and ten messages beyond a percentile leave it this uncertain. */
const MOST_SHARE_OF_TALK = 0.1;
/** The p99 of a window with too few messages for it differs from trial to trial by 20 to 30 %. */
const MOST_SHARE_OF_UNSUPPORTED = 0.25;
/** The highest percentile that is headlined leaves out this share of the messages, so of the time. */
const LEFT_OUT_BY_P99 = 0.01;
const MOST_LOST_SHARE = LEFT_OUT_BY_P99;
/** Of waiting for a core beside having one: both grow with the messages. */
const MOST_WAIT_RATIO = 0.5;
const MOST_LOOP_DELAY_NS = 2 * NS_PER_MS;
const MOST_LATENESS_NS = NS_PER_MS;
/** The slack of the kernel's timers (prctl(2), PR_SET_TIMERSLACK): nothing wakes more exactly. */
const TIMER_SLACK_NS = 50 * NS_PER_US;
const MOST_FOREIGN_SHARE = 0.05;
const MOST_EDGE_SHARE = 0.01;
/** Of what the same work took beside the variant's other trials. */
const MOST_SLOWNESS = 1.2;

/** Of per cent, in words: as few of these as tell a share from its bound, and one at least beside a bound of 1 %. */
const DECIMALS = [0, 1, 2];
const MOST_DECIMALS = 3;
const FINE_BOUND = 0.01;

const RULES = {
  busy: {
    cause: 'load',
    remedy: () => 'ask for fewer clients, or give the generator more cores',
    find: busyWorkers,
  },
  stalled: {
    cause: 'load',
    remedy: () => 'measure again, and let nothing stop or debug a worker',
    find: stalledWorkers,
  },
  starved: {
    cause: 'load',
    remedy: () => 'close other programs, or give the generator cores of its own',
    find: starvedWorkers,
  },
  'publisher-late': {
    cause: 'load',
    remedy: ({ publisherPriority }, trial) =>
      hasPublisher(trial) && String(publisherPriority).includes('not permitted')
        ? 'real time is not permitted here: run as root, or allow it with RLIMIT_RTPRIO (ulimit -r)'
        : 'close other programs, or ask for fewer messages a second',
    find: latePublisher,
  },
  'foreign-load': {
    cause: 'outside',
    remedy: () => 'the machine was busy: close other programs',
    find: foreignLoad,
  },
  'other-run': {
    cause: 'outside',
    remedy: () => 'let one run end before the next begins',
    find: otherRuns,
  },
  throttled: {
    cause: 'outside',
    remedy: () => 'raise the CPU quota of the container or of the control group',
    find: throttledTime,
  },
  stolen: {
    cause: 'outside',
    remedy: () => 'measure again at a calmer hour, or on a machine with cores of its own',
    find: stolenTime,
  },
  'late-edge': {
    cause: 'outside',
    remedy: () => 'measure again, and do not stop feedbench or its machine meanwhile',
    find: lateEdges,
  },
  'slow-core': {
    cause: 'outside',
    remedy: () => 'measure again at a calmer hour, or on a machine with cores of its own',
    find: slowCores,
  },
  clocks: {
    cause: 'outside',
    remedy: () => 'measure again; if it stays, the clocks of the cores are not in step',
    find: clockErrors,
  },
  'link-missed': {
    cause: 'outside',
    remedy: () => 'close other programs, and ask for a link that this machine can make',
    find: ({ link }) => (link === undefined ? [] : missesOf(link)),
  },
  'link-late': {
    cause: 'load',
    remedy: () => 'close other programs, or ask for fewer clients or messages: a relay carries each packet by itself',
    find: ({ link }) => (link === undefined ? [] : latenessOf(link)),
  },
} as const satisfies Record<string, Rule>;

export type ReasonCode = keyof typeof RULES;
export const REASON_CODES = Object.keys(RULES) as ReasonCode[];

/**
 * `environment` is that of the result: some remedies depend on what the machine permits. Where no other trials of the variant
 * are given, nothing is told from what is unlike them.
 */
export function verdictOf(trial: MeasuredTrial, environment: Result['environment'], siblings: Siblings = []): Verdict {
  const [first, ...rest] = REASON_CODES.flatMap((code): Reason[] => {
    const { cause, remedy, find }: Rule = RULES[code];
    return find(trial, siblings).map((finding) => ({ code, cause, ...finding, remedy: remedy(environment, trial) }));
  });
  return first === undefined ? { state: 'trusted' } : { state: 'suspect', reasons: [first, ...rest] };
}

/**
 * How much a trial was disturbed from outside, told by the machine's counters alone, never by the trial's figures: 0 where
 * it was not, else how many times the bounds were passed, summed. Such a trial may be measured again, and of two attempts
 * the one with less counts. What the load itself causes adds nothing: where a foreign program starves the generator, the
 * foreign load is what is told here. Nor does a slow core, which is told by comparison alone: that is a flag.
 */
export function outsideDisturbance(trial: MeasuredTrial): number {
  const outside = REASON_CODES.map((code): Rule => RULES[code]).filter(({ cause }) => cause === 'outside');
  return outside.flatMap(({ find }) => find(trial, [])).reduce((sum, { excess }) => sum + excess, 0);
}

/** `worker 1: CPU 90 % of a core, more than 80 % (ask for fewer clients, or give the generator more cores)`. */
export function reasonText({ seen, bound, remedy }: Reason): string {
  return `${seen}, more than ${bound} (${remedy})`;
}

/** None of a trial that is trusted. */
export function reasonsWith(verdict: Verdict, code: ReasonCode): readonly Reason[] {
  return verdict.state === 'suspect' ? verdict.reasons.filter((reason) => reason.code === code) : [];
}

function workersOf({ processes }: MeasuredTrial): ProcessRecord[] {
  return processes.filter(({ role }) => role === 'worker');
}

function busyWorkers(trial: MeasuredTrial): Finding[] {
  return workersOf(trial).flatMap((worker) => {
    const utilization = worker.eventLoop?.utilization ?? 0;
    const cpuNs = processCpuNs(trial, worker);
    // One that stands for several processes has all of its cores.
    const cores = Math.max(1, worker.cores.length);
    const cpuShare = isAvailable(cpuNs) ? cpuNs / windowNs(trial) / cores : 0;
    const ofCores = cores === 1 ? 'a core' : `its ${cores} cores`;
    return [
      ...beyond(utilization, MOST_UTILIZATION, (text) => `${worker.name}: event loop busy ${text} of the time`),
      ...beyond(cpuShare, MOST_CPU_SHARE, (text) => `${worker.name}: CPU ${text} of ${ofCores}`),
    ];
  });
}

/**
 * A message that arrives while its worker stands still for D waits for the rest of it, so over a window T a share
 * (D − x) ÷ T of that worker's messages waits longer than x. The p99 of all of k workers then holds x = D − kT/100.
 */
function stalledWorkers(trial: MeasuredTrial): Finding[] {
  const workers = workersOf(trial);
  const stalenessNs = percentile(trial, 'staleness', 99);
  if (stalenessNs === undefined) return [];
  return workers.flatMap(({ name, eventLoop }) => {
    const stoodNs = eventLoop?.delayMaxNs ?? 0;
    const putInNs = Math.min(stalenessNs, stoodNs - LEFT_OUT_BY_P99 * workers.length * windowNs(trial));
    const share = putInNs / stalenessNs;
    const seen = (text: string): string =>
      `${name}: event loop stood still for ${formatDuration(stoodNs)}, which makes up to ${text} of the staleness p99`;
    return beyond(share, MOST_SHARE_OF_PERCENTILE, seen);
  });
}

/** A worker that waits for a core is late, and looks idle. */
function starvedWorkers(trial: MeasuredTrial): Finding[] {
  const stalenessNs = percentile(trial, 'staleness', 99);
  return workersOf(trial).flatMap((worker) => {
    const ratio = per(processWaitNs(trial, worker), processCpuNs(trial, worker), 'it used no CPU');
    const delayNs = worker.eventLoop?.delayP99Ns;
    if (!isAvailable(ratio) || delayNs === undefined || stalenessNs === undefined) return [];
    const isLate = delayNs > MOST_LOOP_DELAY_NS && delayNs > MOST_SHARE_OF_PERCENTILE * stalenessNs;
    const seen = (text: string): string =>
      `${worker.name}: event loop late by ${formatDuration(delayNs)} at p99, and it waited for a core for ${text} of the time for which it had one`;
    return isLate ? beyond(ratio, MOST_WAIT_RATIO, seen) : [];
  });
}

function hasPublisher({ processes }: MeasuredTrial): boolean {
  return processes.some(({ role }) => role === 'publisher');
}

/**
 * By itself, or by what it has put into a headline: staleness is lateness and delivery, message by message. Clients that talk
 * listen as well: they are as late as what they hear takes, and only what comes of it counts.
 */
function latePublisher(trial: MeasuredTrial): Finding[] {
  const supported = Math.min(99, highestSupported(trial.dueInWindow));
  const latenessNs = percentile(trial, 'lateness', supported) ?? 0;
  if (hasPublisher(trial) && latenessNs > MOST_LATENESS_NS)
    return [
      {
        seen: `messages were published late: p${supported.toFixed(0)} ${formatDuration(latenessNs)}`,
        bound: '1 ms',
        excess: latenessNs / MOST_LATENESS_NS,
      },
    ];
  return [
    ...latenessIn(trial, 50, MOST_SHARE_OF_PERCENTILE),
    ...latenessIn(trial, supported, hasPublisher(trial) ? MOST_SHARE_OF_PERCENTILE : MOST_SHARE_OF_TALK),
    ...latenessIn(trial, 99, MOST_SHARE_OF_UNSUPPORTED),
  ].slice(0, 1);
}

function latenessIn(trial: MeasuredTrial, at: number, most: number): Finding[] {
  const stalenessNs = percentile(trial, 'staleness', at) ?? 0;
  const addedNs = stalenessNs - (percentile(trial, 'delivery', at) ?? stalenessNs);
  if (addedNs <= TIMER_SLACK_NS) return [];
  const share = addedNs / stalenessNs;
  return beyond(
    share,
    most,
    (text) => `messages were published late: ${text} of the staleness p${at.toFixed(0)} is lateness`,
  );
}

function foreignLoad(trial: MeasuredTrial): Finding[] {
  const share = foreignShare(trial);
  if (!isAvailable(share)) return [];
  return beyond(share, MOST_FOREIGN_SHARE, (text) => `other programs had ${text} of the trial's cores`);
}

function otherRuns({ machine }: MeasuredTrial): Finding[] {
  const pids = machine?.otherRuns ?? [];
  const seen = `${countOf(pids.length, 'other run')} of feedbench under way, process id ${pids.join(' and ')}`;
  return pids.length === 0 ? [] : [{ seen, bound: '0', excess: 1 + pids.length }];
}

function throttledTime(trial: MeasuredTrial): Finding[] {
  const share = lostShare(trial, 'throttledTime');
  return beyond(share, MOST_LOST_SHARE, (text) => `a CPU quota held programs back for ${text} of a core's time`);
}

/** A machine that was taken away shows latencies that nobody's program made. */
function stolenTime(trial: MeasuredTrial): Finding[] {
  const share = lostShare(trial, 'stolenTime');
  return beyond(share, MOST_LOST_SHARE, (text) => `the hypervisor ran other machines for ${text} of a core's time`);
}

function lostShare(trial: MeasuredTrial, id: 'stolenTime' | 'throttledTime'): number {
  const lostNs = counterTotal(trial, id);
  return isAvailable(lostNs) ? lostNs / windowNs(trial) : 0;
}

/** Only the first and the last edge of the window decide what is counted in it. */
function lateEdges(trial: MeasuredTrial): Finding[] {
  const { firstBin, endBin } = trial.window;
  return [
    { name: 'first', edge: firstBin },
    { name: 'last', edge: endBin },
  ].flatMap(({ name, edge }) => {
    const lateNs = trial.machine?.edgeLatenessNs[edge] ?? 0;
    const share = lateNs / windowNs(trial);
    const seen = (text: string): string =>
      `the ${name} edge of the window was read ${formatDuration(lateNs)} late, ${text} of it`;
    return beyond(share, MOST_EDGE_SHARE, seen);
  });
}

/** A core that was slower than in the variant's other trials made each figure larger that is a time. */
function slowCores(trial: MeasuredTrial, siblings: Siblings): Finding[] {
  return (trial.machine?.yardstick ?? []).flatMap(({ core }) => {
    const tookNs = workTimeNs(trial, core);
    const usualNs = median(siblings.flatMap((sibling) => workTimeNs(sibling, core) ?? []));
    if (tookNs === undefined || usualNs === undefined) return [];
    const times = tookNs / usualNs;
    const seen = `core ${core} took ${timesText(times)} as long for the same work as in the variant's other trials`;
    return times <= MOST_SLOWNESS ? [] : [{ seen, bound: `${MOST_SLOWNESS} times`, excess: times / MOST_SLOWNESS }];
  });
}

/** In the window. */
function workTimeNs(trial: MeasuredTrial, core: number): number | undefined {
  const measured = trial.machine?.yardstick?.find((speed) => speed.core === core);
  return median(inWindow(trial, measured?.perBinNs).filter((timeNs) => timeNs !== null));
}

function median(values: readonly number[]): number | undefined {
  return values.toSorted((a, b) => a - b)[values.length >> 1];
}

/** Never reads like the bound. */
function timesText(times: number): string {
  const brief = times.toFixed(2);
  return `${brief === MOST_SLOWNESS.toFixed(2) ? times.toFixed(4) : brief} times`;
}

function clockErrors(trial: MeasuredTrial): Finding[] {
  const errors = counterTotal(trial, 'clockErrors');
  if (!isAvailable(errors) || errors === 0) return [];
  const seen = `the clocks disagree: ${errors.toLocaleString('en-US')} of the deliveries seem older than their publication`;
  const share = per(errors, counterTotal(trial, 'deliveries'), 'nothing was delivered');
  return [{ seen, bound: '0', excess: 1 + (isAvailable(share) ? share / LEFT_OUT_BY_P99 : 0) }];
}

function beyond(share: number, most: number, say: (share: string) => string): Finding[] {
  if (share <= most) return [];
  const enough = DECIMALS.slice(most > FINE_BOUND ? 0 : 1);
  const decimals = enough.find((count) => percentText(share, count) !== percentText(most, count)) ?? MOST_DECIMALS;
  return [{ seen: say(percentText(share, decimals)), bound: percentText(most, 0), excess: share / most }];
}

/** `at` in 0..100; undefined where nothing was recorded. */
function percentile(trial: MeasuredTrial, id: 'staleness' | 'lateness' | 'delivery', at: number): number | undefined {
  const histogram = histogramOf(trial, id);
  return histogram instanceof Histogram ? histogram.percentileNs(at) : undefined;
}
