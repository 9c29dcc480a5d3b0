import type { HeldMemory, IdleRecord } from '../../scenarios/result/idle.ts';
import { pollIntervalNsOf } from '../../scenarios/variant.ts';
import { cadenceOf, transportRow } from '../../servers/registry.ts';
import type { TrialSpec } from '../trial-spec.ts';
import type { Stage } from './stage.ts';

const TOLD_WITHIN = {
  ms: 20_000,
  code: 'trial-stalled',
  message: 'a node did not tell what it holds; was it stopped?',
} as const;

/** How often something goes over a connection on which nothing is said, and what. */
export function signOfLifeOf({ variant, workload }: Pick<TrialSpec, 'variant' | 'workload'>): Omit<IdleRecord, 'held'> {
  const { signOfLife } = transportRow(variant.transport);
  if (signOfLife === undefined) {
    const intervalNs = pollIntervalNsOf(variant, workload);
    return { signNs: intervalNs, usualSignNs: intervalNs, frames: null };
  }
  return {
    signNs: signOfLife.everyNs(workload.heartbeatNs),
    usualSignNs: signOfLife.usualNs,
    frames: cadenceOf(variant) === 'push' ? (signOfLife.frames ?? null) : null,
  };
}

/** All nodes together. */
export async function heldByNodes({ guard, nodes }: Pick<Stage, 'guard' | 'nodes'>): Promise<HeldMemory> {
  const told = nodes.children.map(async (node) => {
    const memory = node.next('memory');
    node.send({ kind: 'memory' });
    return (await memory).held;
  });
  const each = await guard.wait(Promise.all(told), TOLD_WITHIN);
  return {
    residentBytes: each.reduce((sum, { residentBytes }) => sum + residentBytes, 0),
    objectBytes: each.reduce((sum, { objectBytes }) => sum + objectBytes, 0),
  };
}
