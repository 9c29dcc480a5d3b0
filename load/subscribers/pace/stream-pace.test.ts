import { expect, test } from 'vitest';
import { PUBLISHER, type SaidMessage } from '../../../scenarios/feed/script.ts';
import { mergeBins, Recorder } from '../../../scenarios/measures/recording.ts';
import { StreamPace } from './stream-pace.ts';

type Heard = readonly [stream: number, place: number, receivedMs: number];

/** Messages of a stream are due 10 ms after one another, each stream 1 s after the one before. */
const DUE_MS = (stream: number, place: number): number => stream * 1000 + place * 10;

function paceOf(heard: readonly Heard[], cutAt?: number) {
  const recorder = new Recorder({ originNs: 0, binNs: 3600e9, count: 1 });
  const pace = new StreamPace();
  const taken = heard.map(([stream, place, receivedMs]) => {
    const message: SaidMessage = {
      index: 0,
      offsetNs: 0,
      sender: PUBLISHER,
      channel: 'user:u0',
      n: 1,
      part: { stream, place },
      ...(place === cutAt && { cuts: true }),
    };
    return pace.heard(message, { dueNs: DUE_MS(stream, place) * 1e6, receivedNs: receivedMs * 1e6 }, recorder);
  });
  const { histograms } = mergeBins(recorder.snapshot());
  const sum = (id: 'toFirst' | 'gap' | 'resumption'): [count: number, ms: number] => [
    histograms[id]?.count ?? 0,
    (histograms[id]?.sumNs ?? 0) / 1e6,
  ];
  return { taken, toFirst: sum('toFirst'), gap: sum('gap'), resumption: sum('resumption') };
}

test('the first counts from when it was due, the others from the one before', () => {
  const seen = paceOf([
    [0, 0, 7],
    [0, 1, 12],
    [0, 2, 40],
  ]);
  expect(seen).toEqual({ taken: [true, true, true], toFirst: [1, 7], gap: [2, 33], resumption: [0, 0] });
});

test('streams that overlap have each its own gaps', () => {
  const seen = paceOf([
    [0, 0, 1],
    [1, 0, 1003],
    [0, 1, 1011],
    [1, 1, 1020],
  ]);
  expect(seen).toMatchObject({ toFirst: [2, 4], gap: [2, 1010 + 17] });
});

test('what is missing makes no gap, and what came before makes none either', () => {
  const seen = paceOf([
    [0, 0, 1],
    [0, 2, 21],
    [0, 3, 30],
    [0, 3, 31],
    [0, 1, 32],
  ]);
  expect(seen).toMatchObject({ taken: [true, true, true, false, false], toFirst: [1, 1], gap: [1, 9] });
});

test('a gap in which the connection was cut is a resumption too', () => {
  const seen = paceOf(
    [
      [0, 0, 1],
      [0, 1, 11],
      [0, 2, 1100],
      [0, 3, 1101],
    ],
    1,
  );
  expect(seen).toMatchObject({ gap: [3, 10 + 1089 + 1], resumption: [1, 1089] });
});
