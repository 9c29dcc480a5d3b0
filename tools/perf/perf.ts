import { parseArgs } from 'node:util';
import { type Comparison, comparisonText, isMet, type Tell } from './comparison.ts';
import { Failure } from '../../scenarios/failures.ts';
import { printText } from '../../cli/terminal.ts';

/**
 * What feedbench itself costs, each as a ratio to another way to do it: `make perf` measures all parts, `make perf
 * PART=clients` one of them. Ends with 1 where an aim was missed.
 */

interface Part {
  readonly summary: string;
  readonly load: () => Promise<{ readonly measure: (tell: Tell) => Promise<void> }>;
}

/** Each a file; from the quickest on. */
const PARTS = {
  reading: { summary: 'what is done with every delivery', load: () => import('./reading.ts') },
  tokens: { summary: 'what it costs to know who asks', load: () => import('./tokens.ts') },
  doors: { summary: 'doors against minimal servers', load: () => import('./doors.ts') },
  clients: { summary: 'native clients against libraries', load: () => import('./clients.ts') },
  k6: { summary: "k6's scripts against a bare loop", load: () => import('./perf-k6.ts') },
} as const satisfies Record<string, Part>;

const missed: Comparison[] = [];

function partsOf(names: string): Part[] {
  return names.split(',').map((name) => {
    const part = new Map<string, Part>(Object.entries(PARTS)).get(name);
    if (part !== undefined) return part;
    throw new Failure('usage', `there is no part "${name}"; there are ${Object.keys(PARTS).join(', ')}`);
  });
}

function tell(comparison: Comparison): void {
  printText(comparisonText(comparison));
  if (!isMet(comparison)) missed.push(comparison);
}

async function measureParts(names: string): Promise<void> {
  for (const { summary, load } of partsOf(names)) {
    printText(`== ${summary}`);
    const { measure } = await load();
    await measure(tell);
  }
  if (missed.length === 0) return;
  printText(`missed: ${missed.map(({ question }) => question).join('; ')}`);
  process.exitCode = 1;
}

const { values } = parseArgs({ options: { part: { type: 'string', default: Object.keys(PARTS).join(',') } } });
try {
  await measureParts(values.part);
} catch (error) {
  if (!(error instanceof Failure)) throw error;
  printText(error.message);
  process.exitCode = 2;
}
