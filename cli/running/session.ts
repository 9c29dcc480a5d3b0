import { join } from 'node:path';
import { Failure } from '../../scenarios/failures.ts';
import { Histogram } from '../../scenarios/measures/histogram.ts';
import { auditFaults } from '../../scenarios/result/audit-counts.ts';
import { type MeasuredTrial, type Result, sourceOf } from '../../scenarios/result/result.ts';
import type { Workload } from '../../scenarios/feed/workload.ts';
import { formatDuration } from '../../scenarios/units.ts';
import type { ResultFile } from '../../load/result-file.ts';
import type { RunContext, RunOutcome } from '../../load/run.ts';
import { writeReports, writeRunIndex } from '../../reports/write-reports.ts';
import { CAMPAIGN_JUDGE } from '../planning/campaign-judge.ts';
import { keepNoise, knownNoise } from '../planning/machine-history.ts';
import { isUnfinished } from './conclusion.ts';
import { type Progress, trialLine } from '../progress.ts';

/** What is the same for all scenarios that one command measures. */
export interface Session {
  /** The words that would make this run again. */
  readonly command: string;
  readonly out: string;
  readonly redisUrl: string | undefined;
  readonly stop: AbortSignal;
  readonly progress: Progress;
  /** Of a server that is not ours: how its user calls it. */
  readonly ownLabel?: string | undefined;
}

export function contextOf(session: Session, file: ResultFile<Result>, workload: Workload): RunContext {
  const { progress, ownLabel } = session;
  return {
    ...session,
    file,
    judge: CAMPAIGN_JUDGE,
    noise: knownNoise((line) => progress.say(line)),
    onPhase: (spec, phase, outlook) => progress.phase(spec, phase, outlook),
    onTrial: (trial) => progress.say(trialLine(trial, { ...workload, ownLabel }, measuredLine)),
  };
}

/** The report is there as soon as its scenario is done; a disk that is full by then takes nothing from the tables. */
export async function writeAll({ result, failure }: RunOutcome, { out, progress }: Session): Promise<RunOutcome> {
  if (result === undefined) return { result, failure };
  // One that goes on later would be in the history twice.
  if (!isUnfinished(result)) await keepNoise(result, (line) => progress.say(line));
  try {
    const { unlinked } = writeRunIndex(out);
    writeReports(join(out, result.id), result);
    if (unlinked !== undefined) progress.say(unlinked);
    return { result, failure };
  } catch (error) {
    if (error instanceof Failure) return { result, failure: failure ?? error };
    throw error;
  }
}

function stalenessText(trial: MeasuredTrial): string {
  const { staleness } = trial.histograms;
  if (sourceOf(trial, 'staleness').kind === 'n/a') return 'staleness n/a';
  if (staleness === undefined) return 'no deliveries';
  return `staleness p50 ${formatDuration(Histogram.from(staleness).percentileNs(50))}`;
}

function measuredLine(trial: MeasuredTrial): string {
  const p50 = stalenessText(trial);
  const faults = auditFaults(trial.audit);
  return `${p50}, audit ${faults === 0 ? 'ok' : `${faults} faults`}${trial.partial ? ', partial' : ''}`;
}
