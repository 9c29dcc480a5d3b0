import { join } from 'node:path';
import { FAILURES } from '../../scenarios/failures.ts';
import type { Result } from '../../scenarios/result/result.ts';
import { collect } from '../../load/cluster/collected.ts';
import { mergedResult } from '../../load/cluster/merged-result.ts';
import { createResultFile } from '../../load/result-file.ts';
import { RESULT_FILE } from '../../reports/read-result.ts';
import { writeReports, writeRunIndex } from '../../reports/write-reports.ts';
import type { CheckChoices } from '../check-options.ts';
import { requireOwnFiles } from '../checks.ts';
import { commandText } from '../command-text.ts';
import { conclude, printTables } from '../running/conclusion.ts';
import { complain } from '../terminal.ts';

export interface MergeChoices {
  readonly paths: readonly string[];
  readonly out: string;
  readonly checks: CheckChoices;
}

/** Writes one report of what several k6 have printed; returns the exit code, of what is missing last of all. */
export async function merge({ paths, out, checks }: MergeChoices): Promise<number> {
  requireOwnFiles(checks, paths);
  const collected = await collect(paths);
  const place = { out, subject: collected.published.workload.name, at: new Date(), name: RESULT_FILE };
  const file = await createResultFile<Result>(place);
  const result = await mergedResult(collected, { id: file.id, command: commandText(process.argv.slice(2)) }).catch(
    async (error: unknown) => {
      await file.discard();
      throw error;
    },
  );
  await file.save(result);
  writeReports(join(out, file.id), result);
  const { unlinked } = writeRunIndex(out);
  const outcomes = [{ result, failure: undefined }];
  printTables(outcomes);
  for (const gap of collected.gaps) complain(gap);
  if (unlinked !== undefined) complain(unlinked);
  const exitCode = conclude(outcomes, { out, stop: new AbortController().signal, checks });
  return exitCode === 0 && collected.gaps.length > 0 ? FAILURES.incomplete.exitCode : exitCode;
}
