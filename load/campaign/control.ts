import { classOf } from '../../scenarios/carriage.ts';
import { cadenceOf } from '../../servers/registry.ts';
import type { TrialSpec } from '../trial-spec.ts';

/**
 * One variant as two, so that a campaign tells itself whether its differences mean anything (A/A): the first of those
 * that get messages at once, because they vary most; otherwise the first.
 */
export function withControl(cells: readonly TrialSpec[]): TrialSpec[] {
  const control = cells.find(({ variant }) => classOf(cadenceOf(variant)) === 'prompt') ?? cells[0];
  return cells.flatMap((cell) => (cell === control ? [cell, { ...cell, copy: true }] : [cell]));
}
