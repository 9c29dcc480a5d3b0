import type { Failure } from '../../scenarios/failures.ts';
import type { CampaignEnd } from '../../scenarios/result/campaign.ts';
import { hasFewerClients, isMeasured, type Result, type Trial } from '../../scenarios/result/result.ts';
import type { TrialSpec } from '../trial-spec.ts';
import type { CampaignPlan } from './campaign-plan.ts';
import type { Judge } from './judge.ts';
import { type Block, isOver, lengthNs, missingTrials, nextStep } from './next-step.ts';
import { type Outlook, outlookOf } from './outlook.ts';

export interface CampaignTools {
  /** Undefined where it was stopped before it had anything to show. */
  readonly measure: (spec: TrialSpec, outlook: Outlook) => Promise<Trial | undefined>;
  readonly keep: (result: Result) => Promise<Failure | undefined>;
  readonly judge: Judge;
  readonly stop: AbortSignal;
  /** How much of a budget is gone. */
  readonly spentNs: () => number;
}

export interface CampaignOutcome {
  readonly result: Result;
  readonly failure: Failure | undefined;
}

/** Trials that were as disturbed when they were measured again, with none at ease since: then it is no accident. */
const HOPELESS = 3;

/** Of the trials planned: on a machine that is disturbed all the time, a run still ends about when it said it would. */
const MOST_AGAIN = 0.1;

/**
 * Measures block after block until the course is run, on top of what `begun` has, and keeps the result after each trial.
 * What is to be done follows from the result alone, so a campaign that was interrupted goes on as if it had not been, but
 * for the block that was begun: its trials stay, and do not count.
 */
export async function runCampaign(plan: CampaignPlan, begun: Result, tools: CampaignTools): Promise<CampaignOutcome> {
  return new Campaign(plan, begun, tools).run();
}

class Campaign {
  readonly #plan: CampaignPlan;
  readonly #tools: CampaignTools;
  #result: Result;
  #failure: Failure | undefined;

  constructor(plan: CampaignPlan, begun: Result, tools: CampaignTools) {
    this.#plan = plan;
    this.#tools = tools;
    this.#result = begun;
  }

  async run(): Promise<CampaignOutcome> {
    await this.#advance({ endedBy: null });
    let end: CampaignEnd | undefined = this.#failure === undefined ? undefined : 'failure';
    while (end === undefined) {
      const step = nextStep(this.#plan, this.#result, { ...this.#tools, leftNs: this.#leftNs });
      end = step.kind === 'end' ? step.by : await this.#measureBlock(step);
    }
    await this.#advance({ endedBy: end });
    return { result: this.#result, failure: this.#failure };
  }

  /** Why the campaign ends in the middle of it; undefined where it does not. */
  async #measureBlock({ number, specs }: Block): Promise<CampaignEnd | undefined> {
    if (this.#tools.stop.aborted) return 'stopped';
    const plannedTrials = specs.filter((spec) => !this.#isLight(spec)).length;
    const blocks = this.#result.campaign?.blocks ?? [];
    if (plannedTrials > 0) this.#note({ blocks: [...blocks, { number, plannedTrials }] });
    for (const [index, spec] of specs.entries()) {
      const rest = specs.slice(index + 1);
      const trial = await this.#measure(spec, rest);
      if (trial !== undefined && this.#isWorthAgain(trial, rest, spec))
        await this.#measure({ ...spec, attempt: 2 }, rest);
      if (this.#failure !== undefined) return 'failure';
      if (this.#tools.stop.aborted) return 'stopped';
    }
    return undefined;
  }

  async #measure(spec: TrialSpec, rest: readonly TrialSpec[]): Promise<Trial | undefined> {
    const outlook = outlookOf(this.#plan, this.#result, { spec, rest, leftNs: this.#leftNs, block: spec.trial });
    const trial = await this.#tools.measure(spec, outlook);
    if (trial !== undefined) await this.#advance({}, [trial]);
    return trial;
  }

  /**
   * What disturbed it from outside may spare another; what the load itself causes would come again. It is decided by the
   * machine's counters, never by a figure, once a trial, and as long as it helps.
   */
  #isWorthAgain(trial: Trial, rest: readonly TrialSpec[], spec: TrialSpec): boolean {
    if (!isMeasured(trial) || trial.partial || this.#isLight(spec) || this.#failure !== undefined) return false;
    const fits = lengthNs([spec, ...rest], this.#result) <= this.#leftNs;
    if (!fits || this.#tools.stop.aborted || this.#haveBeenEnough) return false;
    return this.#tools.judge.isDisturbed(trial) && !this.#isHopeless();
  }

  /** A budget says by itself what fits. */
  get #haveBeenEnough(): boolean {
    if (this.#plan.course.budgetNs !== undefined) return false;
    const again = this.#result.trials.filter(({ attempt }) => attempt > 1).length;
    return again >= Math.max(1, Math.floor(this.#result.plannedTrials * MOST_AGAIN));
  }

  #isHopeless(): boolean {
    const made = this.#result.trials.filter(isMeasured);
    const { isDisturbed } = this.#tools.judge;
    const sinceCalm = made.slice(made.findLastIndex((trial) => !isDisturbed(trial)) + 1);
    return sinceCalm.filter(({ attempt }) => attempt > 1).length >= HOPELESS;
  }

  #isLight({ clients }: TrialSpec): boolean {
    return hasFewerClients({ clients }, this.#plan.workload);
  }

  get #leftNs(): number {
    return (this.#plan.course.budgetNs ?? Number.POSITIVE_INFINITY) - this.#tools.spentNs();
  }

  /** Puts it into the result, without keeping it yet. */
  #note(change: Partial<NonNullable<Result['campaign']>>, trials: readonly Trial[] = []): void {
    const before = this.#result;
    const campaign = before.campaign === null ? null : { ...before.campaign, ...change };
    const next = { ...before, campaign, endedAt: new Date().toISOString(), trials: [...before.trials, ...trials] };
    const made = next.trials.filter(({ attempt }) => attempt === 1).length;
    this.#result = {
      ...next,
      partial: !isOver(campaign?.endedBy),
      plannedTrials: made + missingTrials(this.#plan, next),
    };
  }

  async #advance(change: Partial<NonNullable<Result['campaign']>>, trials: readonly Trial[] = []): Promise<void> {
    this.#note(change, trials);
    this.#failure ??= await this.#tools.keep(this.#result);
  }
}
