import { expect, test } from 'vitest';
import type { MeasuredTrial } from '../../scenarios/result/result.ts';
import { buildReport } from '../report/report.ts';
import { sampleResult, websocketTrial } from '../testing/sample-result.ts';
import { bytesByLayer } from './bytes-by-layer.ts';

const NOT_APART = 'both of these, not told apart';

function bars(trial: MeasuredTrial): Record<string, number | null | undefined> {
  const drawing = bytesByLayer.build(buildReport(sampleResult({ trials: [trial] })));
  if (typeof drawing === 'string' || drawing.type !== 'bar') throw new Error('no bars');
  return Object.fromEntries(drawing.datasets.map(({ label, data }) => [label, data[0]]));
}

test('the layers of a bar add up to the bytes on the wire, told apart or not', () => {
  const apart = bars(websocketTrial());
  expect(Object.keys(apart)).toEqual(['message', 'headers and framing', 'TCP/IP, Ethernet and ACKs']);
  const notTold = { kind: 'n/a', reason: 'the generator does not tell' } as const;
  const trial = websocketTrial();
  const sources = { ...trial.sources, transportBytesDown: notTold, transportBytesUp: notTold };
  const together = bars({ ...trial, sources });
  expect(Object.keys(together)).toEqual(['message', NOT_APART]);
  const total = (parts: typeof apart): number =>
    Object.values(parts).reduce<number>((sum, part) => sum + (part ?? 0), 0);
  expect(total(together)).toBeCloseTo(total(apart), 6);
});

test('of what was compressed the message has no part of its own, and none is below zero', () => {
  const trial = websocketTrial();
  const values = { ...trial.variant.values, compression: 'deflate' };
  const compressed = bars({ ...trial, variant: { ...trial.variant, values } });
  const plain = bars(trial);
  const together = 'message when compressed, headers and framing';
  expect(Object.keys(compressed)).toEqual([together, 'TCP/IP, Ethernet and ACKs']);
  expect(compressed[together]).toBeCloseTo((plain['message'] ?? 0) + (plain['headers and framing'] ?? 0), 6);
});
