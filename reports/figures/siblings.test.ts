import { expect, test } from 'vitest';
import type { MeasuredTrial } from '../../scenarios/result/result.ts';
import { pollingTrial, sampleResult, websocketTrial } from '../testing/sample-result.ts';
import { siblingsIn } from './siblings.ts';

test("a trial's siblings are the other trials of its variant, its copy among them, by the same generator", () => {
  const first = websocketTrial();
  const copy: MeasuredTrial = { ...websocketTrial(), copy: true };
  const second: MeasuredTrial = { ...websocketTrial(), trial: 2 };
  const strangers: MeasuredTrial[] = [pollingTrial(), { ...first, generator: 'k6' }, { ...first, clients: 2 }];
  const siblingsOf = siblingsIn({ ...sampleResult(), trials: [first, ...strangers, copy, second] });
  expect(siblingsOf(first)).toEqual([copy, second]);
  expect(siblingsOf(copy)).toEqual([first, second]);
  expect(strangers.map((stranger) => siblingsOf(stranger))).toEqual([[], [], []]);
});

test('one that failed is nobody to compare with', () => {
  const first = websocketTrial();
  const failed = sampleResult().trials.find((trial) => trial.state === 'failed');
  if (failed === undefined) throw new Error('the sample has one that failed');
  const { variant, generator, clients } = first;
  expect(siblingsIn({ ...sampleResult(), trials: [first, { ...failed, variant, generator, clients }] })(first)).toEqual(
    [],
  );
});
