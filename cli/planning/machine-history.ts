import { Failure } from '../../scenarios/failures.ts';
import type { NoiseEntry } from '../../scenarios/result/noise.ts';
import { noiseEntries } from '../../scenarios/result/noise-history.ts';
import type { Result } from '../../scenarios/result/result.ts';
import { thisMachine } from '../../load/machine/environment.ts';
import { addNoise, noisePath, readNoise } from '../../load/machine/noise-file.ts';
import { noiseOf } from '../../reports/report/campaign-noise.ts';
import { buildReport } from '../../reports/report/report.ts';

type Say = (line: string) => void;

/** How much trials differ by chance on this machine, as its earlier campaigns have shown. A history that is broken is left out. */
export function knownNoise(say: Say): NoiseEntry[] {
  try {
    return noiseEntries(readNoise(noisePath()), thisMachine());
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    say(error.message);
    return [];
  }
}

/** Puts what a campaign has shown of chance to this machine's history; a result is no worse where that cannot be. */
export async function keepNoise(result: Result | undefined, say: Say): Promise<void> {
  const noise = result === undefined ? undefined : noiseOf(buildReport(result));
  if (noise === undefined) return;
  try {
    await addNoise(noisePath(), [noise]);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    say(error.message);
  }
}
