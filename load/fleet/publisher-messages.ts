import type { EventLoopReport } from '../../scenarios/measures/event-loop.ts';
import type { FailureCode } from '../../scenarios/failures.ts';
import type { Recording } from '../../scenarios/measures/recording.ts';
import type { PlannedFeed } from '../../scenarios/feed/schedule.ts';
import type { WindowTiming } from '../generator.ts';

export interface PublisherOptions extends PlannedFeed {
  /** Path of the node's ingest socket. */
  readonly ingest: string;
  /** Goes on where its node takes a message no longer, because something is to happen to the servers: that message is lost. */
  readonly isPatient: boolean;
}

export type PublisherCommand =
  | { readonly kind: 'prepare'; readonly options: PublisherOptions }
  | ({ readonly kind: 'publish' } & WindowTiming)
  | { readonly kind: 'stop' };

export interface PublisherOutcome {
  /** Messages handed in, whether or not a node said what number it gave them: all of them are expected. */
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
