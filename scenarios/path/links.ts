import { NS_PER_MS } from '../units.ts';

/** What lies between clients and what they connect to, each way. Rates are of the line of each connection, null where nothing limits it. */
export interface Link {
  /** One way; both ways take as long. */
  readonly delayNs: number;
  readonly bitsPerSecondDown: number | null;
  readonly bitsPerSecondUp: number | null;
  /** Of the packets, either way, by chance. */
  readonly loss: number;
}

interface NamedLink extends Link {
  readonly summary: string;
  /** Where each of its numbers comes from. */
  readonly source: string;
}

const MBIT = 1e6;
const KIBIT = 1024;

/** Links that have a name. */
export const LINKS = {
  lan: {
    summary: 'machines of one building: a quarter of a millisecond each way, 1 Gbit/s',
    source:
      'a round trip within a datacentre of 0.5 ms (Dean, "Numbers everyone should know", 2009); 1000BASE-T (IEEE 802.3ab)',
    delayNs: 0.25 * NS_PER_MS,
    bitsPerSecondDown: 1000 * MBIT,
    bitsPerSecondUp: 1000 * MBIT,
    loss: 0,
  },
  broadband: {
    summary: 'a fixed line: 20 ms each way, 10 Mbit/s',
    source: "Lighthouse's setting for desktops: a round trip of 40 ms, 10 × 1,024 kbit/s (core/config/constants.js)",
    delayNs: 20 * NS_PER_MS,
    bitsPerSecondDown: 10 * KIBIT * 1000,
    bitsPerSecondUp: 10 * KIBIT * 1000,
    loss: 0,
  },
  mobile: {
    summary: 'a slow mobile line: 75 ms each way, 1638 kbit/s down and 750 up',
    source:
      'Lighthouse\'s "Slow 4G": a round trip of 150 ms, 1.6 × 1,024 kbit/s down, 750 kbit/s up, no loss (docs/throttling.md), about the slowest quarter of 4G',
    delayNs: 75 * NS_PER_MS,
    bitsPerSecondDown: 1.6 * KIBIT * 1000,
    bitsPerSecondUp: 750 * 1000,
    loss: 0,
  },
} as const satisfies Record<string, NamedLink>;

export type LinkName = keyof typeof LINKS;

export const NO_LINK: Link = { delayNs: 0, bitsPerSecondDown: null, bitsPerSecondUp: null, loss: 0 };

/** What a variant says of it, as far as it says anything (`scenarios/dimensions.ts`). */
interface AskedLink {
  readonly link?: LinkName | 'none';
  readonly delayNs?: number;
  /** Bits a second, both ways. */
  readonly rate?: number;
  readonly loss?: number;
}

/** The link of a variant: the named one, but for what it says itself. Undefined where nothing lies between. */
export function linkOf({ link = 'none', delayNs, rate, loss }: AskedLink): Link | undefined {
  if (link === 'none' && delayNs === undefined && rate === undefined && loss === undefined) return undefined;
  const base: Link = link === 'none' ? NO_LINK : LINKS[link];
  return {
    delayNs: delayNs ?? base.delayNs,
    bitsPerSecondDown: rate ?? base.bitsPerSecondDown,
    bitsPerSecondUp: rate ?? base.bitsPerSecondUp,
    loss: loss ?? base.loss,
  };
}

/** How much a line holds that waits for its turn: what goes through in this time, and so many whole packets at least. */
const QUEUE_SECONDS = 0.2;
const FEWEST_QUEUED_PACKETS = 32;
const WHOLE_PACKET_BYTES = 1514;

/** In bytes; what comes while that much waits is dropped, as a modem does. */
export function queueBytes(bitsPerSecond: number): number {
  return Math.max(Math.round((bitsPerSecond / 8) * QUEUE_SECONDS), FEWEST_QUEUED_PACKETS * WHOLE_PACKET_BYTES);
}
