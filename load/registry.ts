import type { MetricId } from '../scenarios/measures/metrics.ts';
import type { TransportId } from '../servers/registry.ts';
import type { OpenGenerator } from './generator.ts';

export interface GeneratorRow {
  readonly label: string;
  readonly summary: string;
  /** How fine the clock is that it takes staleness with. */
  readonly resolutionNs: number;
  /** What it cannot measure, and why. */
  readonly unavailable: Partial<Record<MetricId, string>>;
  /** Which transports it cannot drive, and why. */
  readonly cannotDrive: Partial<Record<TransportId, string>>;
  /** The program that asks a polling door as fast as it answers; see `ceiling/`. */
  readonly ceiling:
    | {
        readonly program: URL;
        /** Why it cannot ask for the same messages again and again. */
        readonly onlyEmpty?: string;
      }
    | { readonly cannot: string };
  /** Undefined where it can drive no transport. */
  readonly load: (() => Promise<{ readonly openGenerator: OpenGenerator }>) | undefined;
}

/** Every generator: its folder and this row. */
export const GENERATORS = {
  native: {
    label: 'native',
    summary: "feedbench's own: raw sockets in worker processes of Node",
    resolutionNs: 1,
    unavailable: {},
    cannotDrive: {},
    ceiling: {
      program: new URL('native/ceiling-process.ts', import.meta.url),
      onlyEmpty: 'its sessions go on with the feed and do not ask twice for a message',
    },
    load: () => import('./native/generator.ts'),
  },
  k6: {
    label: 'k6',
    summary: 'Grafana k6 with the scripts of load/k6, one VU a subscriber',
    resolutionNs: 1000,
    unavailable: {
      transportBytesDown: 'k6 tells the bytes of a connection only at its end, with those of all others',
      transportBytesUp: 'k6 tells the bytes of a connection only at its end, with those of all others',
      reconnects: "k6's HTTP client opens another connection without a word",
    },
    cannotDrive: {},
    ceiling: { cannot: 'its scripts follow a feed; for capacity alone there are lighter askers' },
    load: () => import('./k6/generator.ts'),
  },
  autocannon: {
    label: 'autocannon',
    summary: 'the HTTP benchmark of the Fastify people; for `feedbench ceiling` alone',
    resolutionNs: 1e6,
    unavailable: {},
    cannotDrive: {
      polling:
        'it asks again the moment it has an answer, so it measures capacity, not freshness: see `feedbench ceiling`',
      'long-polling': 'it knows no feed: a held answer would be a slow one to it',
      websocket: 'it speaks HTTP alone',
    },
    ceiling: { program: new URL('autocannon/ceiling-process.ts', import.meta.url) },
    load: undefined,
  },
} as const satisfies Record<string, GeneratorRow>;

export type GeneratorId = keyof typeof GENERATORS;

export function generatorRow(id: GeneratorId): GeneratorRow {
  return GENERATORS[id];
}
