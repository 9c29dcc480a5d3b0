import type { Cadence } from '../scenarios/transport-traits.ts';
import { INSTALLATION } from '../scenarios/installation/installation.ts';
import type { MetricId } from '../scenarios/measures/metrics.ts';
import { cadenceOf } from '../servers/registry.ts';
import { whyNoPage } from './browser/pages-for.ts';
import type { OpenGenerator } from './generator.ts';
import { whyNoScript } from './k6/scripts.ts';
import { LIBRARIES, whyNoClient } from './library/clients.ts';
import type { PlannedVariant } from './variants.ts';

/** Whether a generator can drive a variant, or why not. */
type Drive = { readonly kind: 'drives' } | { readonly kind: 'n/a'; readonly reason: string };

export interface GeneratorRow {
  readonly label: string;
  readonly summary: string;
  /** How fine the clock is that it takes staleness with. */
  readonly resolutionNs: number;
  /** What it cannot measure, and why. */
  readonly unavailable: Partial<Record<MetricId, string>>;
  /** Of every variant, those of transports that it has never heard of too. */
  readonly drives: (variant: PlannedVariant) => Drive;
  /** Why it measures nothing where something is made to happen to the servers; absent where it does. */
  readonly whyNoFaults?: string;
  /** Why its clients cannot follow channels of their own; absent where they can. */
  readonly whyNoChannels?: string;
  /** Whether its clients can say something, where they drive a variant. */
  readonly talks: Drive;
  /** To open a client, besides what any connection takes; absent: nothing. */
  readonly openingNs?: number;
  /** How many clients it plays at most, and why; absent: as many as the machine has room for. */
  readonly most?: { readonly clients: number; readonly reason: string };
  /** The program that asks a polling door as fast as it answers; see `ceiling/`. */
  readonly ceiling:
    | {
        readonly program: URL;
        /** Why it cannot ask for the same messages again and again. */
        readonly onlyEmpty?: string;
      }
    | { readonly cannot: string };
  /** A program that npm does not bring: what of `tools/setup.sh` installs it, and who finds it or throws `missing-program`. */
  readonly program?: { readonly setUp: string; readonly find: () => Promise<string> };
  /** Undefined where it can drive no transport. */
  readonly load: (() => Promise<{ readonly openGenerator: OpenGenerator }>) | undefined;
}

const DRIVES: Drive = { kind: 'drives' };

/** What an HTTP benchmark makes of a feed. */
const WHY_NO_FEED = {
  interval: `it asks again the moment it has an answer, so it measures capacity, not freshness: see \`${INSTALLATION.command} ceiling\``,
  held: 'it knows no feed: a held answer would be a slow one to it',
  push: 'it knows requests and answers alone, and what is pushed is no answer',
} as const satisfies Record<Cadence, string>;

const NO_HTTP2 =
  'its sessions speak HTTP/1.1, and a client of our own for HTTP/2 would be another instrument: choose --generator library';

function drivesUnless(reason: string | undefined): Drive {
  return reason === undefined ? DRIVES : { kind: 'n/a', reason };
}

/** Every generator: its folder and this row. */
export const GENERATORS = {
  native: {
    label: 'native',
    summary: "feedbench's own: raw sockets in worker processes of Node",
    resolutionNs: 1,
    unavailable: {},
    // By the client half that every transport has.
    drives: ({ values }) => drivesUnless(values.http === '2' ? NO_HTTP2 : undefined),
    talks: DRIVES,
    ceiling: {
      program: new URL('native/ceiling-process.ts', import.meta.url),
      onlyEmpty: 'its sessions go on with the feed and do not ask twice for a message',
    },
    load: () => import('./native/generator.ts'),
  },
  library: {
    label: 'library',
    summary: `the client libraries that people use in Node: ${LIBRARIES.join(', ')}`,
    resolutionNs: 1,
    unavailable: {},
    drives: (variant) => drivesUnless(whyNoClient(variant)),
    talks: DRIVES,
    ceiling: { cannot: 'it is the same closed loop as by the native sessions, and costs more' },
    load: () => import('./library/generator.ts'),
  },
  browser: {
    label: 'browser',
    summary:
      'pages in headless Chromium, one a client, with nothing but what the platform has and the code that pages of a node show',
    // The steps of performance.now() in a page of an origin that is not secure.
    resolutionNs: 100_000,
    unavailable: {
      transportBytesDown: 'Chromium does not tell what its connections carry: what crosses the wire is counted',
      transportBytesUp: 'Chromium does not tell what its connections carry: what crosses the wire is counted',
      reconnects: 'Chromium opens another connection without a word',
      fullHandshakes: 'Chromium does not tell how its connections begin',
      resumedHandshakes: 'Chromium does not tell how its connections begin',
    },
    drives: (variant) => drivesUnless(whyNoPage(variant)),
    talks: DRIVES,
    // A context with its window and its renderer, on one core: five of them in 1.5 s.
    openingNs: 300e6,
    most: { clients: 50, reason: 'each is a page in a context of its own, with 23 MB of memory' },
    ceiling: { cannot: 'a page follows a feed; for capacity alone there are lighter askers' },
    program: { setUp: 'chromium', find: async () => (await import('./machine/chromium.ts')).findChromium() },
    load: () => import('./browser/generator.ts'),
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
    drives: (variant) => drivesUnless(whyNoScript(variant)),
    whyNoFaults: 'its scripts do not come back, and do not tell when they were dropped',
    whyNoChannels: 'its scripts have no names, and follow the feed that goes to all',
    talks: {
      kind: 'n/a',
      reason: 'its scripts listen: what they would say could not be held against what the others hear',
    },
    ceiling: { cannot: 'its scripts follow a feed; for capacity alone there are lighter askers' },
    program: { setUp: 'k6', find: async () => (await import('./k6/program.ts')).findK6() },
    load: () => import('./k6/generator.ts'),
  },
  adapter: {
    label: 'adapter',
    summary: 'the clients that the adapter of a server of your own names: ws, undici, socket.io-client, or its own',
    resolutionNs: 1,
    unavailable: {},
    drives: () => ({ kind: 'n/a', reason: 'it follows a server of your own: name it with --target and --adapter' }),
    talks: { kind: 'n/a', reason: 'it listens: a server of your own has its own ways to talk' },
    ceiling: { cannot: 'what a server of your own answers it follows as a feed' },
    load: () => import('./foreign/generator.ts'),
  },
  autocannon: {
    label: 'autocannon',
    summary: `the HTTP benchmark of the Fastify people; for \`${INSTALLATION.command} ceiling\` alone`,
    resolutionNs: 1e6,
    unavailable: {},
    drives: (variant) => drivesUnless(WHY_NO_FEED[cadenceOf(variant)]),
    talks: { kind: 'n/a', reason: 'it asks, and says nothing' },
    ceiling: { program: new URL('autocannon/ceiling-process.ts', import.meta.url) },
    load: undefined,
  },
} as const satisfies Record<string, GeneratorRow>;

export type GeneratorId = keyof typeof GENERATORS;

export function generatorRow(id: GeneratorId): GeneratorRow {
  return GENERATORS[id];
}
