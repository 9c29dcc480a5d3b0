import type { DimensionValues } from '../../scenarios/dimensions.ts';
import type { TransportId } from '../../servers/registry.ts';
import type { GeneratorContext, GeneratorReport, Target, WindowTiming } from '../generator.ts';

export interface WorkerOptions {
  readonly transport: TransportId;
  /** One session for each: where it connects, and the origin of its poll grid on the monotonic clock. */
  readonly sessions: readonly { readonly target: Target; readonly pollOriginNs: number }[];
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
