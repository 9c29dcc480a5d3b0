import { join } from 'node:path';
import type { Ceiling } from '../../scenarios/result/ceiling.ts';
import { FAILURES } from '../../scenarios/failures.ts';
import { formatDuration } from '../../scenarios/units.ts';
import { type BackplaneId, DEFAULT_BACKPLANE_IDS } from '../../servers/backplanes.ts';
import { type CeilingChoices, ceilingEstimateNs, planCeiling, runCeiling } from '../../load/ceiling/run-ceiling.ts';
import { generatorRow } from '../../load/registry.ts';
import { takeRedisUrl } from '../../load/fleet/redis-server.ts';
import { checkPorts } from '../../load/ports.ts';
import { createResultFile } from '../../load/result-file.ts';
import { CEILING_FILE, pointText, writeCeiling } from '../../reports/ceiling/write-ceiling.ts';
import { writeRunIndex } from '../../reports/write-reports.ts';
import { networkOpener } from '../../load/run.ts';
import { usableBackplanes } from '../machine.ts';
import { stopOnSignals } from '../signals.ts';
import { complain, print } from '../terminal.ts';

export interface CeilingOptions extends Omit<CeilingChoices, 'backplanes'> {
  readonly backplanes: readonly BackplaneId[] | undefined;
  readonly out: string;
  readonly command: string;
}

/** Measures how many polls a door can answer, writes the report; returns the exit code. */
export async function ceiling(options: CeilingOptions): Promise<number> {
  const redisUrl = takeRedisUrl();
  const plan = planCeiling({
    ...options,
    backplanes: await usableBackplanes(options.backplanes, {
      otherwise: DEFAULT_BACKPLANE_IDS,
      redisUrl,
      isTried: true,
    }),
  });
  const crowds = plan.points.map(({ variant, connections }) => ({ variant, clients: connections }));
  await checkPorts(crowds, networkOpener(redisUrl));
  for (const reason of plan.unavailable) print(`left out: ${reason}`);
  print(
    `${plan.points.length} points, about ${formatDuration(ceilingEstimateNs(plan))}; Ctrl-C ends with what is measured by then`,
  );
  const place = { out: options.out, subject: 'ceiling', at: new Date(), name: CEILING_FILE };
  const file = await createResultFile<Ceiling>(place);
  const generators = Object.fromEntries(options.generators.map((id) => [id, generatorRow(id).label]));
  const stop = stopOnSignals(complain);
  const { ceiling: measured, failure } = await runCeiling(plan, {
    file,
    command: options.command,
    redisUrl,
    stop,
    onPoint: (point) => print(pointText({ generators }, point)),
  });
  if (failure !== undefined) throw failure;
  if (measured.points.length === 0) {
    await file.discard();
    complain('stopped before anything was measured, so there is no report');
    return FAILURES.interrupted.exitCode;
  }
  print(`Report: ${writeCeiling(file.folder, measured)}`);
  const { unlinked } = writeRunIndex(options.out);
  if (unlinked !== undefined) complain(unlinked);
  print(`All runs: ${join(options.out, 'index.html')}`);
  if (stop.aborted) return FAILURES.interrupted.exitCode;
  const failed = measured.points.find((point) => point.state === 'failed');
  return failed === undefined ? 0 : FAILURES[failed.code].exitCode;
}
