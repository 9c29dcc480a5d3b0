import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { connected, loadCoreOf, processOf, standStill } from '../../cli/testing/disturbance.ts';
import { type FeedbenchProcess, readLatest, startFeedbench } from '../../cli/testing/feedbench-process.ts';
import { type Reason, type ReasonCode, reasonText, verdictOf } from '../../reports/figures/verdict.ts';
import { printText } from '../../cli/terminal.ts';

/**
 * How well feedbench tells a trial that was disturbed from one that was not: `node tools/trust/trust.ts --stopped 3
 * --starved 3 --undisturbed 20`. It prints what each trial was suspect of, and ends with 1 where one that was disturbed
 * passed, or more than one in twenty of the others did not. Stolen time is nobody's fault here; any other program that
 * runs meanwhile disturbs.
 */
const CLIENTS = 200;
const WORDS = ['run', 'ticker', '--trials', '1', '--backplane', 'memory', '--warm-up', '2s', '--duration', '6s'];
/** From the moment when all are connected: the warm-up passes, and a second of the window. */
const INTO_THE_WINDOW_MS = 3500;
const STOPPED_MS = 2200;
const MOST_UNDISTURBED_SHARE = 0.05;

const WORKER = /worker-process\.ts/;

interface Experiment {
  readonly name: string;
  /** Words that choose a transport; each trial has the next of these. */
  readonly transports: readonly (readonly string[])[];
  readonly disturb: (run: FeedbenchProcess) => Promise<void>;
  /** Which reasons are looked for. */
  readonly counts: (code: ReasonCode) => boolean;
  readonly isAsItShould: (suspect: number, trials: number) => boolean;
}

const EXPERIMENTS = {
  stopped: {
    name: `worker stopped for ${STOPPED_MS} ms`,
    transports: [['--transport', 'websocket']],
    disturb: async (run) => {
      await connected(run, CLIENTS);
      await setTimeout(INTO_THE_WINDOW_MS);
      await standStill(await processOf(run, WORKER), STOPPED_MS);
    },
    counts: (code) => code === 'stalled',
    isAsItShould: (suspect, trials) => suspect === trials,
  },
  starved: {
    name: "a busy loop on the worker's core",
    transports: [['--transport', 'websocket']],
    disturb: async (run) => {
      const endLoad = await loadCoreOf(await processOf(run, WORKER));
      await run.exited;
      await endLoad();
    },
    counts: (code) => code === 'starved' || code === 'foreign-load',
    isAsItShould: (suspect, trials) => suspect === trials,
  },
  undisturbed: {
    name: 'undisturbed',
    transports: [
      ['--transport', 'websocket'],
      ['--transport', 'long-polling'],
      ['--transport', 'polling', '--poll', '1s'],
    ],
    disturb: async () => undefined,
    counts: (code) => code !== 'stolen',
    isAsItShould: (suspect, trials) => suspect <= Math.max(1, MOST_UNDISTURBED_SHARE * trials),
  },
} as const satisfies Record<string, Experiment>;

/** What one trial was suspect of; rejects where it was not measured. */
async function reasonsOf({ transports, disturb }: Experiment, index: number): Promise<readonly Reason[]> {
  const out = await mkdtemp(join(tmpdir(), 'feedbench-trust-'));
  try {
    const transport = transports[index % transports.length] ?? [];
    const run = startFeedbench([...WORDS, '--clients', String(CLIENTS), ...transport, '--out', out]);
    await Promise.all([disturb(run), run.exited]);
    const { trials, environment } = await readLatest(out);
    const [trial] = trials;
    if (trial?.state !== 'measured') throw new Error(`not measured: ${run.output()}`);
    const verdict = verdictOf(trial, environment);
    return verdict.state === 'suspect' ? verdict.reasons : [];
  } finally {
    await rm(out, { recursive: true, force: true });
  }
}

async function hold(experiment: Experiment, trials: number): Promise<boolean> {
  let suspect = 0;
  for (let index = 0; index < trials; index++) {
    const reasons = await reasonsOf(experiment, index);
    printText(`  ${experiment.name}, ${index + 1} of ${trials}: ${reasons.length === 0 ? 'trusted' : 'suspect'}`);
    for (const reason of reasons) printText(`    ${reason.code}: ${reasonText(reason)}`);
    if (reasons.some(({ code }) => experiment.counts(code))) suspect += 1;
  }
  const isFine = experiment.isAsItShould(suspect, trials);
  printText(`${experiment.name}: ${suspect} of ${trials} suspect, ${isFine ? 'as it should be' : 'WRONG'}`);
  return isFine;
}

const { values } = parseArgs({
  options: {
    stopped: { type: 'string', default: '3' },
    starved: { type: 'string', default: '3' },
    undisturbed: { type: 'string', default: '20' },
  },
});

for (const [key, experiment] of Object.entries(EXPERIMENTS)) {
  const isFine = await hold(experiment, Number(values[key as keyof typeof EXPERIMENTS]));
  if (!isFine) process.exitCode = 1;
}
