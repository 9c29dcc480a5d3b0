import type { DimensionValues } from '../../scenarios/dimensions.ts';
import type { TransportId } from '../../servers/registry.ts';
import type { SessionMember } from '../../servers/transport.ts';
import type { Failure } from '../../scenarios/failures.ts';
import type { ForeignSite, GeneratorContext, GeneratorReport, Target, WindowTiming } from '../generator.ts';
import type { Spoken } from '../subscribers/spoken.ts';
import type { PresenceQuestion, PresenceSeen } from './presence.ts';

export interface WorkerOptions {
  readonly transport: TransportId;
  /** All nodes: who comes back may go to another than its own. */
  readonly targets: readonly Target[];
  readonly sessions: readonly SessionPlace[];
  readonly pollIntervalNs: number;
  readonly values: DimensionValues;
  readonly feed: GeneratorContext['feed'];
  /** Whose sessions follow a server that is not ours. */
  readonly foreign?: ForeignSite | undefined;
}

/** One session. */
interface SessionPlace {
  /** Its client's number over all processes. */
  readonly client: number;
  readonly target: Target;
  /** The origin of its poll grid on the monotonic clock. */
  readonly pollOriginNs: number;
  /** Who it is; absent: nobody, who listens to the feed. */
  readonly member?: SessionMember;
}

export type WorkerCommand =
  /** Nodes may not be there yet. */
  | { readonly kind: 'load'; readonly transport: TransportId; readonly values: DimensionValues }
  | { readonly kind: 'prepare'; readonly options: WorkerOptions }
  | { readonly kind: 'ramp' }
  | ({ readonly kind: 'record' } & WindowTiming)
  /** Of a conversation: nothing more is said. */
  | { readonly kind: 'hush' }
  | { readonly kind: 'ask-presence'; readonly question: Omit<PresenceQuestion, 'token'> }
  | {
      readonly kind: 'finish';
      readonly latest: number;
      readonly deadlineNs: number;
      /** Of a conversation, by the clients of all processes. */
      readonly spoken?: Spoken | undefined;
    };

export type WorkerReport =
  | { readonly kind: 'ready' }
  | { readonly kind: 'prepared' }
  | { readonly kind: 'ramped' }
  | { readonly kind: 'ramp-failed'; readonly reason: string }
  /** Of a server that is not ours: nothing more may be asked of it. */
  | ({ readonly kind: 'halted' } & Pick<Failure, 'code' | 'message'>)
  | { readonly kind: 'recording' }
  /** Of a conversation: all has been said that these clients were to say, and answered as far as it will be. */
  | { readonly kind: 'spoken'; readonly spoken: Spoken; readonly lost: readonly number[] }
  | { readonly kind: 'presence'; readonly seen: readonly PresenceSeen[] }
  | ({ readonly kind: 'report' } & GeneratorReport);
