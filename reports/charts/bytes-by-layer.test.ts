import { expect, test } from 'vitest';
import type { MeasuredTrial } from '../../scenarios/result/result.ts';
import { buildReport } from '../report/report.ts';
import { pollingTrial, sampleResult, websocketTrial } from '../testing/sample-result.ts';
import { bytesBar } from './bytes-by-layer.ts';

function layersOf(...trials: MeasuredTrial[]): Record<string, number> {
  const [group] = buildReport(sampleResult({ trials })).groups;
  const layers = group === undefined ? undefined : bytesBar(group)?.layers;
  return Object.fromEntries((layers ?? []).map(({ label, value }) => [label, value]));
}

function total(layers: Record<string, number>): number {
  return Object.values(layers).reduce((sum, part) => sum + part, 0);
}

const NOT_APART = 'whatever else goes over connections, TCP/IP, Ethernet and ACKs, not told apart';

test('the layers of a bar add up to the bytes on the wire, told apart or not', () => {
  const apart = layersOf(websocketTrial());
  expect(Object.keys(apart)).toEqual(['message', 'headers and framing', 'TCP/IP, Ethernet and ACKs']);
  const notTold = { kind: 'n/a', reason: 'the generator does not tell' } as const;
  const trial = websocketTrial();
  const sources = { ...trial.sources, transportBytesDown: notTold, transportBytesUp: notTold };
  const together = layersOf({ ...trial, sources });
  expect(Object.keys(together)).toEqual(['message', NOT_APART]);
  expect(total(apart)).toBeCloseTo(436, 6);
  expect(total(together)).toBeCloseTo(436, 6);
});

test('of what was compressed the message has no part of its own, and none is below zero', () => {
  const trial = websocketTrial();
  const values = { ...trial.variant.values, compression: 'deflate' };
  const compressed = layersOf({ ...trial, variant: { ...trial.variant, values } });
  const plain = layersOf(trial);
  const together = 'message when compressed, headers, and whatever else goes over connections';
  expect(Object.keys(compressed)).toEqual([together, 'TCP/IP, Ethernet and ACKs']);
  expect(compressed[together]).toBeCloseTo((plain['message'] ?? 0) + (plain['headers and framing'] ?? 0), 6);
});

test('without a wire the layers that are known are drawn', () => {
  const notTold = { kind: 'n/a', reason: 'no private network' } as const;
  const trial = websocketTrial();
  const layers = layersOf({ ...trial, sources: { wireBytesDown: notTold, wireBytesUp: notTold } });
  expect(layers).toEqual({ message: 300, 'headers and framing': 4 });
});

test('what clients say is no header and no framing, and goes the other way', () => {
  const trial = websocketTrial();
  const { deliveries = [] } = trial.countersPerBin;
  const each = (amount: number): number[] => deliveries.map((count) => amount * count);
  const said = { acknowledged: each(0.2), transportBytesUp: each(40) };
  const layers = layersOf({ ...trial, countersPerBin: { ...trial.countersPerBin, ...said } });
  expect(layers).toEqual({
    message: expect.closeTo(300, 6) as number,
    'headers, framing, and answers to what clients say': expect.closeTo(4, 6) as number,
    'what clients say and ask for': expect.closeTo(40, 6) as number,
    'TCP/IP, Ethernet and ACKs': expect.closeTo(92, 6) as number,
  });
});

test('what is sent again in states is no header', () => {
  const trial = pollingTrial();
  const values = { ...trial.variant.values, deliver: 'latest', ask: 'etag' };
  const layers = layersOf({ ...trial, variant: { ...trial.variant, values } });
  expect(Object.keys(layers)).toEqual([
    'message',
    'headers, and what is sent again in states',
    'TCP/IP, Ethernet and ACKs',
  ]);
});
