import { rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { errorMessage, Failure, systemErrorCode } from '../../scenarios/failures.ts';
import { firstIssue } from '../../scenarios/feed/workload.ts';
import { INSTALLATION, stateFolder } from '../../scenarios/installation/installation.ts';
import {
  type CampaignNoise,
  NOISE_SCHEMA,
  noiseHistorySchema,
  withCampaigns,
} from '../../scenarios/result/noise-history.ts';
import { readTextFile } from '../../scenarios/text-file.ts';
import { makeFolders } from './folders.ts';

const versionSchema = z.object({ schema: z.string() });

const MOST_BYTES = 16 * 2 ** 20;

/**
 * Where this machine's history is kept: with the state of the user's other programs, so that every checkout has it and none
 * takes it away.
 */
export function noisePath(environment: NodeJS.ProcessEnv = process.env): string {
  return join(stateFolder(environment), 'noise.json');
}

/** Nothing where there is no such file. Throws `unreadable`, with what to do, for one that is something else. */
export function readNoise(path: string): CampaignNoise[] {
  try {
    const value: unknown = JSON.parse(readTextFile(path, MOST_BYTES));
    const parsed = noiseHistorySchema.safeParse(value);
    const { data: version } = versionSchema.safeParse(value);
    if (version !== undefined && version.schema !== NOISE_SCHEMA)
      throw new Error(`its schema is ${version.schema}, and this feedbench reads ${NOISE_SCHEMA}`);
    if (!parsed.success) throw new Error(firstIssue(parsed.error));
    return parsed.data.campaigns;
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return [];
    throw new Failure(
      'unreadable',
      `cannot read this machine's history ${path} (${errorMessage(error)}): delete it, and ${INSTALLATION.command} calibrate makes a new one`,
      { cause: error },
    );
  }
}

/** Puts campaigns to those that are there, in one step. Rejects with `unreadable`, `unwritable`. */
export async function addNoise(path: string, added: readonly CampaignNoise[]): Promise<void> {
  const campaigns = withCampaigns(readNoise(path), added);
  const draft = `${path}.${process.pid}.part`;
  try {
    await makeFolders(dirname(path));
    await writeFile(draft, JSON.stringify({ schema: NOISE_SCHEMA, campaigns }));
    await rename(draft, path);
  } catch (error) {
    await rm(draft, { force: true }).catch(() => undefined);
    throw new Failure('unwritable', `cannot write this machine's history ${path} (${errorMessage(error)})`, {
      cause: error,
    });
  }
}
