import { expect, test } from 'vitest';
import type { MeasuredTrial } from '../../scenarios/result/result.ts';
import type { Role } from '../../scenarios/process-roles.ts';
import { websocketTrial } from '../testing/sample-result.ts';
import { sharedCoreText, sharedGeneratorCoreText } from './shared-cores.ts';

/** A trial with these processes, each with the cores that it was pinned to. */
function trialWith(...processes: (readonly [role: Role, ...cores: number[]])[]): MeasuredTrial {
  const trial = websocketTrial();
  const [template] = trial.processes;
  if (template === undefined) throw new Error('the sample has processes');
  return { ...trial, processes: processes.map(([role, ...cores]) => ({ ...template, role, cores })) };
}

test.each<[string, MeasuredTrial, string | undefined]>([
  ['one node', trialWith(['node', 0], ['worker', 1], ['publisher', 1]), undefined],
  ['one node beside Redis', trialWith(['node', 0], ['redis', 0], ['worker', 1]), 'its node and Redis shared core 0'],
  [
    'three nodes and Redis',
    trialWith(['node', 0], ['node', 0], ['node', 0], ['redis', 0]),
    'its 3 nodes and Redis shared core 0',
  ],
  [
    'three nodes on two cores',
    trialWith(['node', 0, 2], ['node', 0, 2], ['node', 0, 2]),
    'its 3 nodes shared cores 0 and 2',
  ],
  ['as many cores as processes', trialWith(['node', 0, 1, 2], ['node', 0, 1, 2], ['redis', 0, 1, 2]), undefined],
  ['nothing pinned', trialWith(['node'], ['node'], ['redis']), undefined],
])('of the server: %s', (_case, trial, text) => {
  expect(sharedCoreText(trial)).toBe(text);
});

test('of the generator', () => {
  expect(sharedGeneratorCoreText(trialWith(['node', 0], ['publisher', 1], ['worker', 1]))).toBe(
    'its publisher and load generator shared core 1',
  );
  expect(sharedGeneratorCoreText(trialWith(['publisher', 2, 3], ['worker', 2], ['worker', 3]))).toBe(
    'its publisher and 2 load generators shared cores 2 and 3',
  );
  expect(sharedGeneratorCoreText(trialWith(['publisher', 2, 3], ['worker', 2]))).toBeUndefined();
});
