import { hasFewerClients, isMeasured, type Trial } from '../scenarios/result/result.ts';
import { formatDuration, NS_PER_SECOND } from '../scenarios/units.ts';
import { variantLabel } from '../scenarios/variant.ts';
import type { Workload } from '../scenarios/feed/workload.ts';
import { monotonicNs } from '../scenarios/clock.ts';
import type { TrialPhase, TrialSpec } from '../load/trial/spec.ts';
import { trialEstimateNs } from '../load/plan.ts';

export interface Progress {
  phase(spec: TrialSpec, phase: TrialPhase): void;
  finished(line: string): void;
  /** Says something without breaking the bar. */
  say(line: string): void;
  end(): void;
}

const PHASE_WORDS: Readonly<Record<TrialPhase, string>> = {
  starting: 'starting processes',
  connecting: 'connecting clients',
  feeding: 'measuring',
  finishing: 'waiting for the last deliveries',
};
const BAR_WIDTH = 24;
/** Some terminals say that they have 0 columns. */
const FALLBACK_COLUMNS = 80;
const REPAINT_MS = 250;
const CLEAR_LINE = '\r\u001B[K';

/** A bar that is repainted on a terminal, plain lines elsewhere. */
export function showProgress(trials: readonly TrialSpec[], output: NodeJS.WriteStream): Progress {
  const state = new RunState(trials);
  return output.isTTY ? paintBar(state, output) : printLines(state, output);
}

/** Where the run is, and how long the rest will take. */
class RunState {
  readonly #trials: readonly TrialSpec[];
  readonly #totalNs: number;
  #current: { readonly spec: TrialSpec; readonly startedNs: number; phase: TrialPhase } | undefined;

  constructor(trials: readonly TrialSpec[]) {
    this.#trials = trials;
    this.#totalNs = trials.reduce((sum, trial) => sum + trialEstimateNs(trial), 0);
  }

  /** True where another trial has begun. */
  enter(spec: TrialSpec, phase: TrialPhase): boolean {
    if (this.#current?.spec === spec) {
      this.#current.phase = phase;
      return false;
    }
    this.#current = { spec, phase, startedNs: monotonicNs() };
    return true;
  }

  get title(): string {
    if (this.#current === undefined) return 'starting';
    const { spec } = this.#current;
    return `trial ${this.#trials.indexOf(spec) + 1}/${this.#trials.length} ${trialTitle(spec)}`;
  }

  get phase(): string {
    return this.#current === undefined ? '' : PHASE_WORDS[this.#current.phase];
  }

  get leftNs(): number {
    if (this.#current === undefined) return this.#totalNs;
    const { spec, startedNs } = this.#current;
    const later = this.#trials.slice(this.#trials.indexOf(spec) + 1);
    const thisOne = Math.max(0, trialEstimateNs(spec) - (monotonicNs() - startedNs));
    return later.reduce((sum, trial) => sum + trialEstimateNs(trial), thisOne);
  }

  get share(): number {
    return 1 - this.leftNs / Math.max(1, this.#totalNs);
  }
}

function trialTitle(spec: TrialSpec): string {
  return `${spec.workload.name}: ${trialName(spec, spec.workload)}`;
}

/** `WebSocket, memory × 1, k6`; with the clients where there are fewer than the scenario has. */
export function trialName(
  trial: Pick<Trial, 'variant' | 'generator' | 'clients'>,
  scenario: Pick<Workload, 'clients'>,
): string {
  const fewer = hasFewerClients(trial, scenario) ? `, ${trial.clients} clients` : '';
  return `${variantLabel(trial.variant)}, ${trial.generator}${fewer}`;
}

function paintBar(state: RunState, output: NodeJS.WriteStream): Progress {
  const paint = (): void => {
    const filled = Math.round(state.share * BAR_WIDTH);
    const bar = `${'█'.repeat(filled)}${'░'.repeat(BAR_WIDTH - filled)}`;
    const text = `${bar} ${formatEta(state.leftNs)} left  ${state.title}: ${state.phase}`;
    output.write(`${CLEAR_LINE}${text.slice(0, (output.columns > 0 ? output.columns : FALLBACK_COLUMNS) - 1)}`);
  };
  const timer = setInterval(paint, REPAINT_MS);
  const say = (line: string): void => {
    output.write(`${CLEAR_LINE}${line}\n`);
    paint();
  };
  return {
    phase: (spec, phase) => {
      state.enter(spec, phase);
      paint();
    },
    finished: (line) => say(line),
    say,
    end: () => {
      clearInterval(timer);
      output.write(CLEAR_LINE);
    },
  };
}

function printLines(state: RunState, output: NodeJS.WriteStream): Progress {
  const say = (line: string): void => void output.write(`${line}\n`);
  return {
    phase: (spec, phase) => {
      if (state.enter(spec, phase)) say(`${state.title} (${formatEta(state.leftNs)} left)`);
    },
    finished: (line) => say(`  ${line}`),
    say,
    end: () => undefined,
  };
}

/** `4:05`. */
function formatEta(leftNs: number): string {
  const seconds = Math.ceil(leftNs / NS_PER_SECOND);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}

/** One line about a trial that has ended. */
export function trialLine(
  trial: Trial,
  scenario: Pick<Workload, 'clients'>,
  describe: (trial: Extract<Trial, { state: 'measured' }>) => string,
): string {
  const title = trialName(trial, scenario);
  if (!isMeasured(trial)) return `${title}: FAILED (${trial.code}) ${trial.message}`;
  return `${title}: ${describe(trial)} (${formatDuration(trial.wallNs)})`;
}
