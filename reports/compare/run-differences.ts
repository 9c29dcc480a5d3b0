import { wholeBlocks } from '../../scenarios/result/blocks.ts';
import { faultText } from '../../scenarios/faults.ts';
import type { Result } from '../../scenarios/result/result.ts';
import { exactDuration, formatBytes } from '../../scenarios/units.ts';
import { distinct, listOf } from '../figures/wording.ts';
import { factName, factText } from '../report/facts.ts';

/** Something besides what was measured in which results are not the same. */
export interface Difference {
  /** `Node`, `poll interval`. */
  readonly name: string;
  /** As a reader sees them, one a result. */
  readonly values: readonly string[];
  /** Whether figures may differ for it: what always varies a little does no more than stand in the table. */
  readonly isCause: boolean;
}

interface Fact {
  readonly name: string;
  readonly of: (result: Result) => string;
  readonly isCause: boolean;
}

/** What a scenario and a command line settle. */
const SETTINGS: readonly Fact[] = [
  cause('scenario', ({ workload }) => workload.name),
  cause('servers', ({ transports }) => {
    const outside = Object.values(transports).filter((traits) => traits.outside === true);
    return outside.length === 0 ? "feedbench's own" : listOf(outside.map(({ label }) => `${label}, not of this run`));
  }),
  cause('clients', ({ workload }) => workload.clients.toLocaleString('en-US')),
  cause('feed', ({ workload: { feed } }) => `${feed.kind}, ${feed.messagesPerSecond} messages a second`),
  cause('payload', ({ workload: { payload } }) => `${payload.kind}, ${formatBytes(payload.bytes)}`),
  cause('poll interval', ({ workload }) => exactDuration(workload.pollIntervalNs)),
  cause('measured window', ({ manifest }) => exactDuration(manifest.windowNs)),
  cause('warm-up', ({ manifest }) => exactDuration(manifest.warmUpNs)),
  cause('what was made to happen', ({ workload: { faults } }) =>
    faults.length === 0 ? 'nothing' : listOf(faults.map(faultText)),
  ),
  cause('seed', ({ seed }) => String(seed)),
  cause('feed as published', ({ manifest }) => shortHash(manifest.scheduleHash)),
  cause('generators', ({ generators }) => listOf(Object.values(generators).map(({ label }) => label))),
  { name: 'trials a variant', of: trialsText, isCause: false },
];

function cause(name: string, of: Fact['of']): Fact {
  return { name, of, isCause: true };
}

/** What varies from one run to the next on the same machine. */
const MINOR: ReadonlySet<string> = new Set(['loadAverageBefore']);

/** In the order in which a reader asks: what was under test, what was asked for, what it ran on. */
export function differencesOf(results: readonly Result[]): Difference[] {
  const names = distinct(results.flatMap(({ environment }) => Object.keys(environment)));
  const facts = names.map(
    (name): Fact => ({
      name: factName(name),
      of: ({ environment }) => environmentText(name, environment[name]),
      isCause: !MINOR.has(name),
    }),
  );
  return [...SETTINGS, ...facts]
    .map(({ name, of, isCause }) => ({ name, isCause, values: results.map(of) }))
    .filter(({ values }) => distinct(values).length > 1);
}

/** Commits and sums of files, of which the beginning tells. */
const HASH = /^[\da-f]{32,}$/;
const SHOWN_DIGITS = 8;

function shortHash(text: string): string {
  return text.slice(0, SHOWN_DIGITS);
}

/** Another version of feedbench may look at more. */
function environmentText(name: string, value: Result['environment'][string] | undefined): string {
  if (value === undefined) return 'not given';
  return typeof value === 'string' && HASH.test(value) ? shortHash(value) : factText(name, value);
}

function trialsText(result: Result): string {
  const { campaign, trials } = result;
  return String(campaign === null ? Math.max(0, ...trials.map(({ trial }) => trial)) : wholeBlocks(result).size);
}
