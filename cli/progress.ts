import { hasFewerClients, isMeasured, type Trial } from '../scenarios/result/result.ts';
import { formatDuration, NS_PER_SECOND } from '../scenarios/units.ts';
import { variantLabel } from '../scenarios/variant.ts';
import type { Workload } from '../scenarios/feed/workload.ts';
import { TRANSPORTS } from '../servers/registry.ts';
import { monotonicNs } from '../scenarios/clock.ts';
import type { TrialPhase, TrialSpec } from '../load/trial-spec.ts';
import { trialEstimateNs } from '../load/plan.ts';
import { visible } from './visible.ts';

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
/** As wide as there is room for. */
const BAR_WIDTHS = [24, 12, 0];
const LEAST_TITLE = 8;
const GAP = '  ';
const FALLBACK_COLUMNS = 80;
const REPAINT_MS = 250;
const CLEAR_LINE = '\r\u001B[K';
/** Some characters are two columns wide: the terminal itself cuts what is too long (DECAWM). */
const NO_WRAP = '\u001B[?7l';
const WRAP = '\u001B[?7h';

/** Standard error, or something like it. */
export interface Screen {
  readonly isTTY?: boolean;
  readonly columns?: number | undefined;
  /** True while something that was written has not been taken. */
  readonly isBusy?: boolean;
  write(text: string): unknown;
}

/** A bar that is repainted on a terminal, plain lines elsewhere. */
export function showProgress(trials: readonly TrialSpec[], screen: Screen): Progress {
  const state = new RunState(trials);
  return screen.isTTY === true && !isDumb(process.env['TERM']) ? paintBar(state, screen) : printLines(state, screen);
}

/** Some terminals know no escape sequences (Emacs' shell, some CI with a pseudo-terminal). */
function isDumb(term: string | undefined): boolean {
  return term === undefined || term === '' || term === 'dumb';
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

  /** `3/12`, of the trials. */
  get place(): string {
    if (this.#current === undefined) return '';
    return `${this.#trials.indexOf(this.#current.spec) + 1}/${this.#trials.length}`;
  }

  get phase(): string {
    return this.#current === undefined ? 'starting' : PHASE_WORDS[this.#current.phase];
  }

  get title(): string {
    return this.#current === undefined ? '' : trialTitle(this.#current.spec);
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
  scenario: Pick<Workload, 'clients' | 'pollIntervalNs'>,
): string {
  const fewer = hasFewerClients(trial, scenario) ? `, ${trial.clients} clients` : '';
  const rows: Readonly<Record<string, { readonly label: string }>> = TRANSPORTS;
  const label = rows[trial.variant.transport]?.label;
  return `${variantLabel(trial.variant, scenario, label)}, ${trial.generator}${fewer}`;
}

function paintBar(state: RunState, screen: Screen): Progress {
  const bar = (): string => `${CLEAR_LINE}${NO_WRAP}${barText(state, columnsOf(screen) - 1)}${WRAP}`;
  const paint = (): void => {
    // A screen that stands still gets no more of it: the newest bar will do.
    if (screen.isBusy !== true) screen.write(bar());
  };
  const timer = setInterval(paint, REPAINT_MS);
  const say = (line: string): void => void screen.write(`${CLEAR_LINE}${visible(line)}\n${bar()}`);
  return {
    phase: (spec, phase) => {
      state.enter(spec, phase);
      paint();
    },
    finished: (line) => say(line),
    say,
    end: () => {
      clearInterval(timer);
      screen.write(CLEAR_LINE);
    },
  };
}

/** Some terminals say that they have 0 columns. */
function columnsOf({ columns }: Screen): number {
  return columns === undefined || columns === 0 ? FALLBACK_COLUMNS : columns;
}

/** What `barText` tells of a run. */
export type RunProgress = Pick<RunState, 'share' | 'leftNs' | 'place' | 'phase' | 'title'>;

/** The line of the bar. Where it is too long the bar goes first, then the end of the title, and the time at the very last. */
export function barText(state: RunProgress, columns: number): string {
  const facts = [`${formatEta(state.leftNs)} left`, state.place, state.phase].filter((fact) => fact !== '').join('  ');
  const title = visible(state.title);
  const fits = BAR_WIDTHS.find((width) => width + facts.length + title.length + 2 * GAP.length <= columns);
  if (fits !== undefined) return [drawBar(state.share, fits), facts, title].filter((part) => part !== '').join(GAP);
  const room = columns - facts.length - GAP.length;
  const cutTitle = room < LEAST_TITLE ? '' : `${GAP}${title.slice(0, room - 1)}…`;
  return `${facts}${cutTitle}`.slice(0, columns);
}

function drawBar(share: number, width: number): string {
  const filled = Math.round(share * width);
  return `${'█'.repeat(filled)}${'░'.repeat(width - filled)}`;
}

function printLines(state: RunState, screen: Screen): Progress {
  const say = (line: string): void => void screen.write(`${visible(line)}\n`);
  return {
    phase: (spec, phase) => {
      if (state.enter(spec, phase)) say(`trial ${state.place} ${state.title} (${formatEta(state.leftNs)} left)`);
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
  scenario: Pick<Workload, 'clients' | 'pollIntervalNs'>,
  describe: (trial: Extract<Trial, { state: 'measured' }>) => string,
): string {
  const title = trialName(trial, scenario);
  if (!isMeasured(trial)) return `${title}: FAILED (${trial.code}) ${trial.message}`;
  return `${title}: ${describe(trial)} (${formatDuration(trial.wallNs)})`;
}
