import { hasFewerClients, isMeasured, type Trial } from '../scenarios/result/result.ts';
import { formatDuration, NS_PER_SECOND } from '../scenarios/units.ts';
import { variantLabel } from '../scenarios/variant.ts';
import type { Workload } from '../scenarios/feed/workload.ts';
import { TRANSPORTS } from '../servers/registry.ts';
import { monotonicNs } from '../scenarios/clock.ts';
import { recordedVariant, type TrialPhase, type TrialSpec } from '../load/trial-spec.ts';
import { campaignEstimateNs, campaignTrials } from '../load/campaign/campaign-length.ts';
import type { CampaignPlan } from '../load/campaign/campaign-plan.ts';
import type { Outlook } from '../load/campaign/outlook.ts';
import { trialEstimateNs } from '../load/trial-length.ts';
import { visible } from './visible.ts';

export interface Progress {
  phase(spec: TrialSpec, phase: TrialPhase, outlook: Outlook): void;
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
export function showProgress(plans: readonly CampaignPlan[], screen: Screen): Progress {
  const state = new RunState(plans);
  return screen.isTTY === true && !isDumb(process.env['TERM']) ? paintBar(state, screen) : printLines(state, screen);
}

/** Some terminals know no escape sequences (Emacs' shell, some CI with a pseudo-terminal). */
function isDumb(term: string | undefined): boolean {
  return term === undefined || term === '' || term === 'dumb';
}

interface TrialAtHand {
  readonly spec: TrialSpec;
  readonly outlook: Outlook;
  readonly startedNs: number;
  phase: TrialPhase;
}

/** Where the run is, and how long the rest will take. */
class RunState {
  readonly #startedNs = monotonicNs();
  /** The scenario at hand and those after it. */
  #plans: readonly CampaignPlan[];
  /** Trials of scenarios that are over. */
  #made = 0;
  #current: TrialAtHand | undefined;

  constructor(plans: readonly CampaignPlan[]) {
    this.#plans = plans;
  }

  /** True where another trial has begun. */
  enter(spec: TrialSpec, phase: TrialPhase, outlook: Outlook): boolean {
    if (this.#current?.spec === spec) {
      this.#current.phase = phase;
      return false;
    }
    const over = this.#plans.findIndex(({ workload }) => workload === spec.workload);
    if (over > 0 && this.#current !== undefined) this.#made += this.#current.outlook.made + 1;
    this.#plans = this.#plans.slice(Math.max(0, over));
    this.#current = { spec, outlook, phase, startedNs: monotonicNs() };
    return true;
  }

  /** `3/12`, of the trials, as far as their number is known. */
  get place(): string {
    if (this.#current === undefined) return '';
    const { made, later } = this.#current.outlook;
    const number = this.#made + made + 1;
    const others = this.#plans.slice(1).reduce((sum, plan) => sum + campaignTrials(plan), 0);
    return `${number}/${number + later + others}`;
  }

  get phase(): string {
    return this.#current === undefined ? 'starting' : PHASE_WORDS[this.#current.phase];
  }

  get title(): string {
    return this.#current === undefined ? '' : trialTitle(this.#current.spec, this.#current.outlook);
  }

  get leftNs(): number {
    const later = this.#current === undefined ? this.#plans : this.#plans.slice(1);
    const othersNs = later.reduce((sum, plan) => sum + campaignEstimateNs(plan), 0);
    if (this.#current === undefined) return othersNs;
    const { spec, startedNs, outlook } = this.#current;
    return othersNs + outlook.laterNs + Math.max(0, trialEstimateNs(spec) - (monotonicNs() - startedNs));
  }

  get share(): number {
    const goneNs = this.#current === undefined ? 0 : monotonicNs() - this.#startedNs;
    return goneNs / Math.max(1, goneNs + this.leftNs);
  }
}

function trialTitle(spec: TrialSpec, { block }: Outlook): string {
  const place = block === undefined ? '' : `, block ${block.number} of ${block.of}`;
  return `${spec.workload.name}${place}: ${plannedName(spec)}`;
}

/** A trial that is planned, by the name under which it will stand in the result. */
export function plannedName(spec: TrialSpec): string {
  return trialName({ ...spec, variant: recordedVariant(spec) }, spec.workload, spec.foreign?.label);
}

/**
 * `WebSocket, memory × 1, k6`; with the clients where there are fewer than the scenario has. The copy of a campaign's control
 * is said, and that a trial is measured again.
 */
function trialName(
  trial: Pick<Trial, 'variant' | 'generator' | 'clients' | 'copy' | 'attempt'>,
  scenario: Pick<Workload, 'clients' | 'pollIntervalNs'>,
  ownLabel?: string,
): string {
  const fewer = hasFewerClients(trial, scenario) ? `, ${trial.clients} clients` : '';
  const rows: Readonly<Record<string, { readonly label: string }>> = TRANSPORTS;
  const label = ownLabel ?? rows[trial.variant.transport]?.label;
  const often = `${trial.copy ? ', copy' : ''}${trial.attempt > 1 ? ', again' : ''}`;
  return `${variantLabel(trial.variant, scenario, label)}, ${trial.generator}${fewer}${often}`;
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
    phase: (spec, phase, outlook) => {
      state.enter(spec, phase, outlook);
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
    phase: (spec, phase, outlook) => {
      if (state.enter(spec, phase, outlook))
        say(`trial ${state.place} ${state.title} (${formatEta(state.leftNs)} left)`);
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
  scenario: Pick<Workload, 'clients' | 'pollIntervalNs'> & { readonly ownLabel?: string | undefined },
  describe: (trial: Extract<Trial, { state: 'measured' }>) => string,
): string {
  const title = trialName(trial, scenario, scenario.ownLabel);
  if (!isMeasured(trial)) return `${title}: FAILED (${trial.code}) ${trial.message}`;
  return `${title}: ${describe(trial)} (${formatDuration(trial.wallNs)})`;
}
