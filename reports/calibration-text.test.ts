import { expect, test } from 'vitest';
import { calibrationLines, noiseLines, shortfallText } from './calibration-text.ts';
import type { Coverage } from './report/calibration.ts';

const HONEST: Coverage[] = [
  { metric: 'staleness.p50', held: 19, told: 20, asked: 17 },
  { metric: 'cpu.server', held: 17, told: 20, asked: 17 },
  { metric: 'bytes.wire', held: 20, told: 20, asked: 20 },
];

test('a calibration says in how many campaigns the interval held the truth, and what was asked', () => {
  expect(calibrationLines(HONEST, 20).slice(1)).toEqual([
    'One thing against itself, 20 campaigns: the interval of 95 % held 1',
    '  staleness p50           in 19 of 20 (asked: 17 or more)',
    '  server CPU per message  in 17 of 20 (asked: 17 or more)',
    '  wire bytes per message  in 20 of 20 (asked: all)',
  ]);
  expect(shortfallText(HONEST)).toBeUndefined();
  const none = calibrationLines([{ metric: 'bytes.wire', held: 0, told: 0, asked: 0 }], 20);
  expect(none.at(-1)).toBe('  wire bytes per message  n/a: it could not be measured');
});

test('what held too seldom is one line that says what to do', () => {
  const dishonest = HONEST.map((one) => (one.metric === 'staleness.p50' ? one : { ...one, held: 16 }));
  expect(shortfallText(dishonest)).toMatch(
    /^intervals left out the truth too often: server CPU per message in 16 of 20, not 17 and wire bytes per message in 16 of 20, not 20; .* calibrate again/,
  );
});

test('the history is told as the ratio that single trials can tell from chance', () => {
  const entry = { windowNs: 6e9, degrees: 20, betweenSessionsSd: null, measuredAt: '2026-05-17T14:23:01.000Z' };
  const lines = noiseLines([
    { ...entry, classId: 'prompt', metric: 'staleness.p50', sd: 0.105 },
    { ...entry, classId: 'interval', metric: 'staleness.mean', sd: 0.105 },
  ]);
  expect(lines.slice(2)).toEqual(['  staleness.p50  held requests, push  windows of 6.00 s: × 1.36']);
  const [, , vague] = noiseLines([{ ...entry, classId: 'prompt', metric: 'cpu.server', sd: 1, degrees: 1 }]);
  expect(vague).toMatch(/windows of 6\.00 s: nothing$/);
  expect(noiseLines([])).toEqual([]);
});
