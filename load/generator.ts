import type { Failure } from '../scenarios/failures.ts';
import type { DimensionValues } from '../scenarios/dimensions.ts';
import type { EventLoopReport } from '../scenarios/measures/event-loop.ts';
import type { Recording, TimeBins } from '../scenarios/measures/recording.ts';
import type { Absence } from './subscribers/absences.ts';
import type { AuditCounts } from './subscribers/audit.ts';
import type { Expected } from './subscribers/expectation.ts';
import type { NumberSpan } from './subscribers/number-hearing.ts';
import type { Spoken } from './subscribers/spoken.ts';
import type { PresenceRecord } from '../scenarios/result/result.ts';
import type { CountedEnd } from '../scenarios/session-end.ts';
import type { TransportId } from '../servers/registry.ts';
import type { Host } from './machine/host.ts';

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
  /** Makes what a client shows of itself; absent where servers believe anybody. */
  readonly issueToken?: (user: string) => Promise<string>;
  readonly poll: { readonly originNs: number; readonly intervalNs: number };
  /** Absent where the trial has nodes of its own. */
  readonly foreign?: ForeignSite;
  /** What will be published. */
  readonly feed: Expected;
  /** How long nodes may take to know that a client is gone. */
  readonly noticedWithinMs: number;
  /** Takes how each process is ended, the moment it is started. */
  readonly cleanup: AsyncDisposableStack;
  /** Told when a process of the generator ends by itself. */
  readonly onTrouble: (error: Error) => void;
  /** Told once why nothing more may be asked of a server that is not ours; what is measured by then is kept. */
  readonly onHalt?: (failure: Failure) => void;
}

/** A server that is not of this run: somebody's own, which an adapter knows. */
export interface ForeignServer {
  /** The file that exports the adapter, from the root of the file system. */
  readonly adapter: string;
  /** How results call what they have of it, instead of a transport. */
  readonly id: string;
  readonly label: string;
  /** Whether it passes on what is published, or makes a feed of its own. */
  readonly isPublishedTo: boolean;
  /** Whether it can be asked for its time. */
  readonly hasClock: boolean;
  /** Why nobody knows what goes over its connections; absent where their sockets tell. */
  readonly whyNoBytes?: string;
  readonly address: {
    readonly url: string;
    /** An IP address. */
    readonly host: string;
    readonly port: number;
    /** Over TLS. */
    readonly isSecure: boolean;
    readonly isLoopback: boolean;
  };
}

/** The same in one trial. */
export interface ForeignSite extends ForeignServer {
  /** By how many milliseconds its clock is ahead of the monotonic one; absent where nobody knows. */
  readonly offsetMs?: number;
}

export interface Target {
  readonly host: string;
  readonly port: number;
  /** Who vouches for what listens there, as PEM: then it is spoken to over TLS. Absent: over TCP alone. */
  readonly authority?: string | undefined;
}

export interface WindowTiming {
  readonly bins: TimeBins;
  readonly windowStartNs: number;
  readonly windowEndNs: number;
}

interface GeneratorProcess {
  readonly name: string;
  readonly pid: number;
  readonly cores: readonly number[];
  /** Its sessions live in processes that it starts: what these use is its own. */
  readonly withDescendants?: boolean;
}

export interface GeneratorRun {
  readonly processes: readonly GeneratorProcess[];
  /** Connects all subscribers; resolves when each has confirmed. Rejects with `ramp-failed`. */
  ramp(): Promise<void>;
  /** Resolves when every process knows when the feed begins: nothing may be published before. */
  record(timing: WindowTiming): Promise<void>;
  /**
   * Waits until every subscriber has message `latest`, or of a conversation what it is to have of what was `spoken` by all, or
   * until `deadlineNs`; then ends the sessions. One report a process, in the order of `processes`.
   */
  finish(latest: number, deadlineNs: number, spoken?: Spoken): Promise<readonly GeneratorReport[]>;
  /** Of a conversation, which begins with `record`. Absent: the clients only listen. */
  readonly talk?: GeneratorTalk;
}

/** What clients say, and who of them is there. */
export interface GeneratorTalk {
  /** What was said, by the clients of all processes: resolves when all is that is due, and answered as far as it will be. */
  spoken(): Promise<Spoken>;
  /** Nothing more is said. */
  hush(): void;
  /**
   * Whom each node that is there says to be online, held against who is connected. Whoever asks sees to it that
   * nobody comes or goes meanwhile.
   */
  presence(): Promise<readonly NodePresence[]>;
}

/** What one node says of who is online. */
export interface NodePresence extends Pick<PresenceRecord, 'connected' | 'missing' | 'strangers' | 'afterNs'> {
  /** Its place among the targets. */
  readonly node: number;
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
  /** Of a server's own feed: the least and the greatest number that came. */
  readonly numbers?: NumberSpan | undefined;
  /** In words, what a reader should know besides. */
  readonly remarks?: readonly string[];
  /** In words, why a command of a client was not done: the first of them. */
  readonly refusal?: string | null;
}
