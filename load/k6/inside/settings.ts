import exec from 'k6/execution';
import type { Options } from 'k6/options';
import { errorMessage } from '../../../scenarios/failures.ts';
import { NS_PER_MS, parseDuration } from '../../../scenarios/units.ts';
import { SEEN_FAULTS } from './fault-metrics.ts';
import type { Plan } from '../lines.ts';

/**
 * What a script was asked to do: by hand, through the variables of its help; by feedbench on this machine, through PLAN; or, on a host
 * of its own, by the publisher that the variable PUBLISHER names.
 */
export type Settings = ByHand | ByPlan | ByPublisher;

interface Subscribers {
  readonly targets: readonly ScriptTarget[];
  /** Of all processes together; VU v plays client first + (v − 1) × step. */
  readonly clients: number;
  readonly first: number;
  readonly step: number;
}

interface ByHand extends Subscribers {
  readonly by: 'hand';
  readonly pollIntervalMs: number;
  readonly durationMs: number;
  readonly maxStalenessMs: number | undefined;
  /** Wall clock minus the clock of `dueNs`; undefined where the node is asked. */
  readonly clockOffsetMs: number | undefined;
}

interface ByPlan extends Subscribers {
  readonly by: 'plan';
  readonly pollIntervalMs: number;
  readonly pollOriginMs: number;
  readonly tellEvery: number;
  readonly mostMs: number;
}

/** The rest it tells when all are there. */
interface ByPublisher extends Subscribers {
  readonly by: 'publisher';
  /** With its port. */
  readonly publisher: string;
}

export interface ScriptTarget {
  readonly host: string;
  readonly isSecure?: true | undefined;
  readonly headers: Readonly<Record<string, string>>;
}

/** How long a session may still take to end after DURATION. */
const ENDING_MS = 30_000;
/** How long before all clients are there the first of several k6 may come; the publisher gives up earlier. */
const MOST_WAIT_MS = 3_600_000;
/** The publisher says when clients leave; this ends them where it says nothing. */
const MOST_SHARED_MS = 21_600_000;

export const SETTINGS = readSettings();

/** Ends the test with one line that says what to do (exit code 108), where an error would bring its stack along. */
export function refuse(reason: string): never {
  exec.test.abort(reason);
  throw new Error(reason);
}

function readSettings(): Settings {
  const plan = __ENV['PLAN'];
  if (plan !== undefined) return fromPlan(JSON.parse(plan) as Plan);
  try {
    return fromVariables();
  } catch (error) {
    return refuse(errorMessage(error));
  }
}

function fromPlan({ targets, ...plan }: Plan): ByPlan {
  return {
    by: 'plan',
    ...plan,
    targets: targets.map((target) => ({ ...target, headers: headerFields(target.headers) })),
  };
}

function fromVariables(): ByHand | ByPublisher {
  const subscribers = { targets: readTargets(__ENV['URL']), clients: readCount('CLIENTS', '50'), first: 0, step: 1 };
  const publisher = __ENV['PUBLISHER'];
  if (publisher !== undefined) return { by: 'publisher', ...subscribers, publisher: readHost('PUBLISHER', publisher) };
  return {
    by: 'hand',
    ...subscribers,
    pollIntervalMs: readDuration('POLL', '3s'),
    durationMs: readDuration('DURATION', '10s'),
    maxStalenessMs: __ENV['MAX_STALENESS'] === undefined ? undefined : readDuration('MAX_STALENESS', ''),
    clockOffsetMs: readClockOffset(__ENV['CLOCK_OFFSET_NS']),
  };
}

function readTargets(urls = ''): ScriptTarget[] {
  return urls.split(',').map((url) => ({ host: readHost('URL', url), headers: {} }));
}

function readHost(name: 'URL' | 'PUBLISHER', url: string): string {
  const host = /^(?:http|ws):\/\/([^/?#@\s]+)\/?$/.exec(url.trim())?.[1];
  if (host !== undefined) return host;
  const [what, example] =
    name === 'URL' ? ['a node', 'http://127.0.0.1:3001'] : ['a publisher', 'http://10.0.0.5:3100'];
  throw new TypeError(`${name}: "${url}" is not the address of ${what}; write it as in -e ${name}=${example}`);
}

function readCount(name: string, fallback: string): number {
  const text = __ENV[name] ?? fallback;
  if (!/^[1-9]\d{0,5}$/.test(text))
    throw new TypeError(`${name}: "${text}" is not a whole number from 1 to 999999; write it as in -e ${name}=50`);
  return Number(text);
}

function readDuration(name: string, fallback: string): number {
  return parseDuration(__ENV[name] ?? fallback, name) / NS_PER_MS;
}

function readClockOffset(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^-?\d+$/.test(text)) throw new TypeError(`CLOCK_OFFSET_NS: "${text}" is not a whole number of nanoseconds`);
  return Number(text) / NS_PER_MS;
}

export function headerFields(lines: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    lines.map((line) => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon), line.slice(colon + 1).trim()];
    }),
  );
}

/** One VU a subscriber; each runs `subscribe` once and for all. */
export function subscriberOptions(): Options {
  const { clients, first, step } = SETTINGS;
  return {
    scenarios: {
      subscribers: {
        executor: 'per-vu-iterations',
        exec: 'subscribe',
        vus: Math.ceil((clients - first) / step),
        iterations: 1,
        maxDuration: `${Math.ceil(mostMs())}ms`,
      },
    },
    setupTimeout: `${MOST_WAIT_MS}ms`,
    // A request that fails is an exception, not a warning and an empty answer.
    throw: true,
    ...(SETTINGS.by === 'hand' ? thresholds(SETTINGS) : { userAgent: '', systemTags: [] }),
  };
}

function mostMs(): number {
  switch (SETTINGS.by) {
    case 'hand':
      return SETTINGS.durationMs + ENDING_MS;
    case 'plan':
      return SETTINGS.mostMs;
    case 'publisher':
      return MOST_SHARED_MS;
    default:
      return SETTINGS satisfies never;
  }
}

function thresholds({ maxStalenessMs }: ByHand): Options {
  const none = ['count==0'];
  return {
    summaryTrendStats: ['min', 'med', 'avg', 'p(95)', 'p(99)', 'max'],
    thresholds: {
      ...Object.fromEntries(SEEN_FAULTS.map((id) => [id, none])),
      unexpected_closes: none,
      ...(maxStalenessMs === undefined ? {} : { staleness: [`p(99)<${maxStalenessMs}`] }),
    },
  };
}
