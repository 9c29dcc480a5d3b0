import type { DimensionValues } from '../../scenarios/dimensions.ts';
import type { TransportId } from '../../servers/registry.ts';
import type { GeneratorContext, GeneratorReport, Target, WindowTiming } from '../generator.ts';

export interface WorkerOptions {
  readonly transport: TransportId;
  /** All nodes: who comes back may go to another than its own. */
  readonly targets: readonly Target[];
  /** One session for each: whose it is, where it connects, and the origin of its poll grid on the monotonic clock. */
  readonly sessions: readonly { readonly client: number; readonly target: Target; readonly pollOriginNs: number }[];
  readonly pollIntervalNs: number;
  readonly values: DimensionValues;
  readonly feed: GeneratorContext['feed'];
}

export type WorkerCommand =
  /** Nodes may not be there yet. */
  | { readonly kind: 'load'; readonly transport: TransportId }
  | { readonly kind: 'prepare'; readonly options: WorkerOptions }
  | { readonly kind: 'ramp' }
  | ({ readonly kind: 'record' } & WindowTiming)
  | { readonly kind: 'finish'; readonly latest: number; readonly deadlineNs: number };

export type WorkerReport =
  | { readonly kind: 'ready' }
  | { readonly kind: 'prepared' }
  | { readonly kind: 'ramped' }
  | { readonly kind: 'ramp-failed'; readonly reason: string }
  | { readonly kind: 'recording' }
  | ({ readonly kind: 'report' } & GeneratorReport);
