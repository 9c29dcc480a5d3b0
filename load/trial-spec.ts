import type { Variant } from '../scenarios/variant.ts';
import type { Workload } from '../scenarios/feed/workload.ts';
import type { ForeignServer } from './generator.ts';
import type { GeneratorId } from './registry.ts';
import type { PlannedVariant } from './variants.ts';
import type { LinkOrder } from './machine/link/relay.ts';
import type { Network } from './machine/network.ts';
import type { Placement } from './machine/placement.ts';

/** Everything that decides what a trial does: equal specs are repetitions. */
export interface TrialSpec {
  /** Of a server that is not ours, that of whose transport it is the nearest: how clients get messages follows from it. */
  readonly variant: PlannedVariant;
  /** Whom the trial is of, where that is no node of ours. */
  readonly foreign?: ForeignServer;
  readonly generator: GeneratorId;
  readonly clients: number;
  /** Counts from 1 within its variant; in a campaign it is the number of its block. */
  readonly trial: number;
  /** The second of the two as which a campaign's control is measured. */
  readonly copy: boolean;
  readonly attempt: 1 | 2;
  readonly workload: Workload;
  readonly seed: number;
  readonly warmUpNs: number;
  readonly windowNs: number;
}

export type TrialPhase = 'starting' | 'connecting' | 'feeding' | 'finishing';

/** What a trial finds on this machine, the same for all trials of a run. */
export interface Surroundings {
  readonly placement: Placement;
  /** Without the variant's link where nobody says for what it is made. */
  readonly openNetwork: (variant: PlannedVariant, site?: Omit<LinkOrder, 'link'>) => Promise<Network>;
  /** A Redis of the user's; otherwise each trial that needs one starts its own. */
  readonly redisUrl: string | undefined;
  /** Aborted when the trial should end with what it has. */
  readonly stop: AbortSignal;
  readonly onPhase: (phase: TrialPhase) => void;
}

/** What takes the place of a backplane in results, where the server is not ours. */
const OWN_SERVER = 'own server';

/** As results call what a trial is of. */
export function recordedVariant({ variant, foreign }: Pick<TrialSpec, 'variant' | 'foreign'>): Variant {
  return foreign === undefined ? variant : { ...variant, transport: foreign.id, backplane: OWN_SERVER };
}
