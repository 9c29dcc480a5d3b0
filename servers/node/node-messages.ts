import type { EventLoopReport } from '../../scenarios/measures/event-loop.ts';
import type { FailureCode } from '../../scenarios/failures.ts';
import type { Recording, TimeBins } from '../../scenarios/measures/recording.ts';
import type { HeldMemory } from '../../scenarios/result/idle.ts';
import type { NodeOptions } from './node.ts';

/** What a node process is told; first, and once, what to open. A command line is for everybody to read, and options hold secrets. */
export type NodeCommand =
  | { readonly kind: 'open'; readonly options: NodeOptions }
  | { readonly kind: 'record'; readonly bins: TimeBins; readonly windowStartNs: number; readonly windowEndNs: number }
  | { readonly kind: 'report' }
  /** It collects its garbage, which takes a while, and tells what is left. */
  | { readonly kind: 'memory' }
  /** It ends, as by SIGTERM, and says to its clients that another will be there in a moment. */
  | { readonly kind: 'restart' };

/** What a node process tells. */
export type NodeReport =
  | { readonly kind: 'ready'; readonly port: number }
  | { readonly kind: 'failed'; readonly code: FailureCode; readonly message: string }
  | { readonly kind: 'health'; readonly healthy: boolean; readonly reason: string }
  | { readonly kind: 'memory'; readonly held: HeldMemory }
  | { readonly kind: 'report'; readonly recording: Recording; readonly eventLoop: EventLoopReport };
