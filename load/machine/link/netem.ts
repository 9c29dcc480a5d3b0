import { z } from 'zod';
import type { Link } from '../../../scenarios/path/links.ts';
import { NS_PER_SECOND } from '../../../scenarios/units.ts';
import { findProgram } from '../programs.ts';
import type { LineCounts } from './line.ts';

/** Runs a command in the namespace of a host; rejects where it fails. */
type Run = (command: readonly string[]) => Promise<string>;

/** What netem holds that is on its way: enough for a second at 100,000 packets. */
const MOST_PACKETS = 100_000;

/** As far as `tc -json qdisc show` tells it. */
const shown = z.array(
  z.object({
    kind: z.string(),
    bytes: z.number().optional(),
    packets: z.number().optional(),
    drops: z.number().optional(),
    options: z
      .object({
        delay: z.object({ delay: z.number() }).optional(),
        'loss-random': z.object({ loss: z.number() }).optional(),
      })
      .optional(),
  }),
);

/**
 * Whether the kernel's netem can make it: a delay and loss. Its rate is one for all that goes through a device, and a line is
 * each client's own, so a link with a rate is a relay's business.
 */
export function suitsNetem({ bitsPerSecondDown, bitsPerSecondUp }: Link): boolean {
  return bitsPerSecondDown === null && bitsPerSecondUp === null && findProgram('tc') !== undefined;
}

/** Has netem delay and lose what leaves by that device. Rejects where it fails, or where what then stands there is something else. */
export async function addNetem(run: Run, device: string, link: Link): Promise<void> {
  await run(['tc', 'qdisc', 'add', 'dev', device, 'root', ...netemWords(link)]);
  const problem = netemProblem(await run(['tc', '-json', 'qdisc', 'show', 'dev', device]), link);
  if (problem !== undefined) throw new Error(problem);
}

export function netemWords({ delayNs, loss }: Link): string[] {
  return [
    'netem',
    'limit',
    String(MOST_PACKETS),
    ...(delayNs > 0 ? ['delay', `${delayNs / 1000}us`] : []),
    ...(loss > 0 ? ['loss', 'random', `${loss * 100}%`] : []),
  ];
}

/** What a device's netem was to carry since it is there, and what it lost of that. */
export async function readNetem(run: Run, device: string): Promise<LineCounts> {
  const all = shown.parse(JSON.parse(await run(['tc', '-statistics', '-json', 'qdisc', 'show', 'dev', device])));
  const { bytes = 0, packets = 0, drops = 0 } = all.find(({ kind }) => kind === 'netem') ?? {};
  return { frames: packets + drops, bytes, lost: drops, dropped: 0 };
}

/** The kernel keeps a share as a fraction of 2^32, and times as whole nanoseconds, of which `tc` prints microseconds. */
const AS_PRINTED = { seconds: 1e-6, share: 1e-4 };

/** What is wrong with what stands on a device; undefined where it is as asked. */
export function netemProblem(json: string, { delayNs, loss }: Link): string | undefined {
  const netem = shown.parse(JSON.parse(json)).find(({ kind }) => kind === 'netem');
  if (netem === undefined) return 'tc added netem, and it is not there';
  const seconds = netem.options?.delay?.delay ?? 0;
  if (Math.abs(seconds - delayNs / NS_PER_SECOND) > AS_PRINTED.seconds)
    return `netem was asked for a delay of ${delayNs} ns, and has one of ${seconds} s`;
  const share = netem.options?.['loss-random']?.loss ?? 0;
  if (Math.abs(share - loss) > AS_PRINTED.share) return `netem was asked to lose ${loss}, and loses ${share}`;
  return undefined;
}
