import { existsSync, realpathSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { Failure } from '../../scenarios/failures.ts';
import type { Result } from '../../scenarios/result/result.ts';
import { checkPorts } from '../../load/ports.ts';
import { takeRedisUrl } from '../../load/fleet/redis-server.ts';
import { openResultFile } from '../../load/result-file.ts';
import { type KnownServer, knowServer } from '../../load/foreign/foreign-server.ts';
import { checkResumable, type Extension, planAgain } from '../../load/resume.ts';
import { networkOpener, type RunOutcome, resumeScenario } from '../../load/run.ts';
import { readResult, RESULT_FILE } from '../../reports/read-result.ts';
import type { CheckChoices } from '../check-options.ts';
import { requirePlanned } from '../checks.ts';
import { requireGenerators } from '../machine.ts';
import { boundedStop } from '../planning/foreign-bounds.ts';
import { beginForeignRun } from '../planning/foreign-run.ts';
import { remainingText } from '../planning/plan-text.ts';
import type { RunChoices } from '../planning/run-plans.ts';
import { showProgress } from '../progress.ts';
import { conclude, printTables } from '../running/conclusion.ts';
import { contextOf, writeAll } from '../running/session.ts';
import { stopOnSignals } from '../signals.ts';
import { print, stderr } from '../terminal.ts';

export interface ResumeChoices extends Extension {
  /** The folder of a run, its result, or `latest`. */
  readonly run: string;
  /** Where `latest` is. */
  readonly out: string;
  /** Where a server of the user's own is; undefined: nodes are measured. */
  readonly foreign: RunChoices['foreign'];
  readonly checks: CheckChoices;
}

/** Goes on with an interrupted campaign; returns the exit code. Throws a Failure where it is not one that can go on here. */
export async function resume(choices: ResumeChoices): Promise<number> {
  const folder = folderOf(choices);
  const begun = readResult(join(folder, RESULT_FILE));
  const { foreign } = choices;
  const own = foreign === undefined ? undefined : await knowServer(foreign.address, foreign.adapter);
  const plan = planAgain(begun, choices, own);
  requirePlanned(choices.checks, [plan]);
  const redisUrl = takeRedisUrl();
  await checkResumable(plan, begun, redisUrl);
  const specs = [...plan.cells, ...plan.light];
  await requireGenerators(new Set(specs.map(({ generator }) => generator)));
  await checkPorts(specs, networkOpener(redisUrl));
  for (const line of remainingText(plan, begun)) print(line);
  if (own !== undefined && foreign !== undefined) await beginForeignRun({ known: own, plans: [plan] }, foreign);
  const progress = showProgress([plan], stderr);
  const stop = stopFor(own, (line) => progress.say(line));
  const ownLabel = own?.server.label;
  const session = { command: begun.command, out: dirname(folder), redisUrl, stop, progress, ownLabel };
  const outcomes: RunOutcome[] = [];
  try {
    const file = openResultFile<Result>(folder, RESULT_FILE);
    const outcome = await resumeScenario(plan, begun, contextOf(session, file, plan.workload));
    outcomes.push(await writeAll(outcome, session));
  } finally {
    progress.end();
    printTables(outcomes);
  }
  return conclude(outcomes, { ...choices, out: session.out, stop });
}

function stopFor(own: KnownServer | undefined, say: (line: string) => void): AbortSignal {
  const stop = stopOnSignals(say);
  return own === undefined ? stop : boundedStop(own.server.address, { stop, say });
}

/** Without links: what is written beside the result belongs to the run, not to `latest`. */
function folderOf({ run, out }: ResumeChoices): string {
  const folders = [basename(run) === RESULT_FILE ? dirname(run) : run, join(out, run)].map((path) => resolve(path));
  const found = folders.find((folder) => existsSync(join(folder, RESULT_FILE)));
  if (found !== undefined) return realpathSync(found);
  throw new Failure(
    'unreadable',
    `there is no ${RESULT_FILE} in ${run}: name the folder of a run, or latest, once there was one`,
  );
}
