import exec from 'k6/execution';
import type { Options } from 'k6/options';
import { errorMessage } from '../../../scenarios/failures.ts';
import { NS_PER_MS, parseDuration } from '../../../scenarios/units.ts';
import { SEEN_FAULTS } from './fault-metrics.ts';
import type { Plan } from '../lines.ts';

/** What a script was asked to do: by hand, through the variables of its help, or by feedbench, through PLAN. */
export type Settings = ByHand | ByPlan;

interface Subscribers {
  readonly targets: readonly ScriptTarget[];
  /** Of all processes together; VU v plays client first + (v − 1) × step. */
  readonly clients: number;
  readonly first: number;
  readonly step: number;
  readonly pollIntervalMs: number;
}

interface ByHand extends Subscribers {
  readonly by: 'hand';
  readonly durationMs: number;
  readonly maxStalenessMs: number | undefined;
  /** Wall clock minus the clock of `dueNs`; undefined where the node is asked. */
  readonly clockOffsetMs: number | undefined;
}

interface ByPlan extends Subscribers {
  readonly by: 'plan';
  readonly pollOriginMs: number;
  readonly tellEvery: number;
  readonly mostMs: number;
}

export interface ScriptTarget {
  readonly host: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** How long a session may still take to end after DURATION. */
const ENDING_MS = 30_000;

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
    targets: targets.map(({ host, headers }) => ({ host, headers: headerFields(headers) })),
  };
}

function fromVariables(): ByHand {
  return {
    by: 'hand',
    targets: readTargets(__ENV['URL']),
    clients: readCount('CLIENTS', '50'),
    first: 0,
    step: 1,
    pollIntervalMs: readDuration('POLL', '3s'),
    durationMs: readDuration('DURATION', '10s'),
    maxStalenessMs: __ENV['MAX_STALENESS'] === undefined ? undefined : readDuration('MAX_STALENESS', ''),
    clockOffsetMs: readClockOffset(__ENV['CLOCK_OFFSET_NS']),
  };
}

function readTargets(urls = ''): ScriptTarget[] {
  return urls.split(',').map((url) => {
    const host = /^(?:http|ws):\/\/([^/?#@\s]+)\/?$/.exec(url.trim())?.[1];
    if (host === undefined)
      throw new TypeError(`URL: "${url}" is not the address of a node; write it as in -e URL=http://127.0.0.1:3001`);
    return { host, headers: {} };
  });
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

function headerFields(lines: readonly string[]): Record<string, string> {
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
  const mostMs = SETTINGS.by === 'plan' ? SETTINGS.mostMs : SETTINGS.durationMs + ENDING_MS;
  return {
    scenarios: {
      subscribers: {
        executor: 'per-vu-iterations',
        exec: 'subscribe',
        vus: Math.ceil((clients - first) / step),
        iterations: 1,
        maxDuration: `${Math.ceil(mostMs)}ms`,
      },
    },
    // A request that fails is an exception, not a warning and an empty answer.
    throw: true,
    ...(SETTINGS.by === 'plan' ? { userAgent: '', systemTags: [] } : thresholds(SETTINGS)),
  };
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
