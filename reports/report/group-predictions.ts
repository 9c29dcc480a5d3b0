import { isAvailable } from '../figures/figure.ts';
import { signedPercent } from '../figures/wording.ts';
import { mergedPredictions } from '../theory/merged-predictions.ts';
import type { Prediction } from '../theory/prediction.ts';
import { STAGE_WORDS } from '../theory/stages.ts';
import type { Group } from './groups.ts';

/** What the theory says of a variant, over the trials that count. */
export function predictionsOf({ counting }: Group): Prediction[] {
  return mergedPredictions(counting.map(({ predictions }) => predictions));
}

interface Unexplained {
  readonly group: Group;
  readonly prediction: Prediction;
  /** Of the residual, signed. */
  readonly share: number;
  /** `+23.1 %, between publisher and the node's log`. */
  readonly text: string;
}

/** Residuals that theory does not explain, the largest first; the copy of a control is no case of its own. */
export function unexplainedOf(groups: readonly Group[]): Unexplained[] {
  return groups
    .filter(({ isCopy }) => !isCopy)
    .flatMap((group) =>
      predictionsOf(group).flatMap((prediction): Unexplained[] => {
        const { residual: share, stage, unexplained } = prediction;
        if (!unexplained || !isAvailable(share)) return [];
        return [{ group, prediction, share, text: `${signedPercent(share)}, ${STAGE_WORDS[stage]}` }];
      }),
    )
    .toSorted((a, b) => Math.abs(b.share) - Math.abs(a.share));
}
