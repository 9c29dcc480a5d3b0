import type { MeasuredTrial } from '../../scenarios/result/result.ts';
import { isAvailable } from '../figures/figure.ts';
import { latencyFigure, latencyOf } from '../figures/figures.ts';

export const NOTHING = { publisherNs: 0, backplaneNs: 0 };

/** How late messages were published, and how long they were on their way to a node's log, as far as that was seen. */
export function beforeLogNs(trial: MeasuredTrial, field: 'p50Ns' | 'meanNs'): typeof NOTHING {
  const known = (id: 'lateness' | 'backplane'): number => {
    const figure = latencyFigure(latencyOf(trial, id), field);
    return isAvailable(figure) ? figure : 0;
  };
  return { publisherNs: known('lateness'), backplaneNs: known('backplane') };
}
