import type { DimensionValues } from '../scenarios/dimensions.ts';
import type { EventLoopReport } from '../scenarios/measures/event-loop.ts';
import type { Recording, TimeBins } from '../scenarios/measures/recording.ts';
import type { Absence } from './subscribers/absences.ts';
import type { AuditCounts } from './subscribers/audit.ts';
import type { Expected } from './subscribers/expectation.ts';
import type { CountedEnd } from '../scenarios/session-end.ts';
import type { TransportId } from '../servers/registry.ts';
import type { Host } from './machine/network.ts';

/** Starts who plays the subscribers of a trial; resolves once its processes run, with nothing connected yet. */
export type OpenGenerator = (context: GeneratorContext) => Promise<GeneratorRun>;

export interface GeneratorContext {
  readonly transport: TransportId;
  readonly host: Host;
  readonly cores: readonly number[];
  readonly processes: number;
  readonly clients: number;
  /**
   * Clients are spread over these evenly, one after the other. They come when the nodes are ready: what does not need them starts
   * while those do.
   */
  readonly targets: Promise<readonly Target[]>;
  /** Of the variant's dimensions. */
  readonly values: DimensionValues;
  readonly poll: { readonly originNs: number; readonly intervalNs: number };
  /** What will be published. */
  readonly feed: Expected;
  /** Takes how each process is ended, the moment it is started. */
  readonly cleanup: AsyncDisposableStack;
  /** Told when a process of the generator ends by itself. */
  readonly onTrouble: (error: Error) => void;
}

export interface Target {
  readonly host: string;
  readonly port: number;
}

export interface WindowTiming {
  readonly bins: TimeBins;
  readonly windowStartNs: number;
  readonly windowEndNs: number;
}

export interface GeneratorRun {
  readonly processes: readonly { readonly name: string; readonly pid: number; readonly cores: readonly number[] }[];
  /** Connects all subscribers; resolves when each has confirmed. Rejects with `ramp-failed`. */
  ramp(): Promise<void>;
  /** Resolves when every process knows when the feed begins: nothing may be published before. */
  record(timing: WindowTiming): Promise<void>;
  /**
   * Waits until every subscriber has message `latest`, or until `deadlineNs`; then ends the sessions. One report a
   * process, in the order of `processes`.
   */
  finish(latest: number, deadlineNs: number): Promise<readonly GeneratorReport[]>;
}

/** What one process of the generator has seen. */
export interface GeneratorReport {
  readonly recording: Recording;
  readonly audit: AuditCounts;
  /** Null where it has no event loop of Node's. */
  readonly eventLoop: EventLoopReport | null;
  /** How sessions ended that should not have. */
  readonly ends: readonly CountedEnd[];
  /** When clients were away, of those who are to come back. */
  readonly absences: readonly Absence[];
  /** In words, of what came that was neither a message nor a notice: the first of them. */
  readonly foreign: string | null;
}
