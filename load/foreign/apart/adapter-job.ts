import type { FailureCode } from '../../../scenarios/failures.ts';
import type { ForeignServer } from '../../generator.ts';
import type { Adapter } from '../adapter.ts';
import type { ClockReading } from '../server-clock.ts';

/** What is to be known of an adapter, or done with it, where nothing of it can do harm. */
type AdapterJob =
  | { readonly kind: 'describe' }
  | { readonly kind: 'rehearse'; readonly server: ForeignServer }
  | { readonly kind: 'read-clock'; readonly server: ForeignServer };

/** What a run has to know of an adapter. */
export interface AdapterFacts extends Pick<Adapter, 'by' | 'label'> {
  readonly isPublishedTo: boolean;
  readonly hasClock: boolean;
}

export type AdapterAnswer =
  | { readonly kind: 'described'; readonly facts: AdapterFacts }
  | { readonly kind: 'rehearsed' }
  | { readonly kind: 'clock'; readonly reading: ClockReading };

export interface AdapterCommand {
  /** From the root of the file system. */
  readonly path: string;
  readonly job: AdapterJob;
}

export type AdapterReport =
  | AdapterAnswer
  /** It is not in a loop that never ends. */
  | { readonly kind: 'alive' }
  | { readonly kind: 'failed'; readonly code: FailureCode; readonly message: string };
