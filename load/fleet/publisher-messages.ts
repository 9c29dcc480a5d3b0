import type { EventLoopReport } from '../../scenarios/measures/event-loop.ts';
import type { FailureCode } from '../../scenarios/failures.ts';
import type { Recording } from '../../scenarios/measures/recording.ts';
import type { Feed, Payload } from '../../scenarios/feed/workload.ts';
import type { WindowTiming } from '../generator.ts';

export interface PublisherOptions {
  /** Path of the node's ingest socket. */
  readonly ingest: string;
  readonly feed: Feed;
  readonly payload: Payload;
  readonly seed: number;
  readonly durationNs: number;
}

export type PublisherCommand =
  | { readonly kind: 'prepare'; readonly options: PublisherOptions }
  | ({ readonly kind: 'publish' } & WindowTiming)
  | { readonly kind: 'stop' };

export interface PublisherOutcome {
  /** Messages that were taken, which is also the newest sequence number. */
  readonly published: number;
  /** Of the messages published. */
  readonly scheduleHash: string;
  readonly recording: Recording;
  readonly eventLoop: EventLoopReport;
}

export type PublisherReport =
  | { readonly kind: 'ready' }
  | { readonly kind: 'prepared' }
  | { readonly kind: 'failed'; readonly code: FailureCode; readonly message: string }
  | ({ readonly kind: 'done' } & PublisherOutcome);
