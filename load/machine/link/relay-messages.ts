import type { HistogramSnapshot } from '../../../scenarios/measures/histogram.ts';
import type { LineCounts, LineOptions } from './line.ts';

/** What came of what a relay was to carry since it was told to count anew. */
export interface Carried {
  readonly down: LineCounts;
  readonly up: LineCounts;
  /** Frames for which there was no room in the relay, or that a host did not take: none, or the link was not as asked. */
  readonly failed: number;
  /** How long after it was due a frame came out; null where the kernel carries them. */
  readonly lateness: HistogramSnapshot | null;
}

export type RelayCommand =
  | {
      readonly kind: 'open';
      /** Of the TAP device on each side: the client host, in which the relay runs, and its peer. */
      readonly clientLink: string;
      readonly peerLink: string;
      /** Path of the peer's network namespace. */
      readonly peerNetwork: string;
      readonly down: LineOptions;
      readonly up: LineOptions;
      readonly seed: number;
    }
  | { readonly kind: 'begin' }
  | { readonly kind: 'report' };

export type RelayReport =
  | { readonly kind: 'ready' }
  | { readonly kind: 'failed'; readonly message: string }
  | ({ readonly kind: 'carried' } & Carried);
