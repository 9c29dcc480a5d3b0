import { expect, test } from 'vitest';
import type { LinkRecord } from '../../../scenarios/result/link.ts';
import type { MeasuredTrial } from '../../../scenarios/result/result.ts';
import { buildReport } from '../../report/report.ts';
import { sampleResult, websocketTrial } from '../../testing/sample-result.ts';
import { link } from './link.ts';

const MS = 1e6;
const LINE = { frames: 1000, bytes: 400_000, lost: 0, dropped: 0 };

function overLink(change: Partial<LinkRecord> = {}): MeasuredTrial {
  return {
    ...websocketTrial(),
    oneWayDelayNs: 50.2 * MS,
    link: {
      asked: { delayNs: 50 * MS, bitsPerSecondDown: null, bitsPerSecondUp: null, loss: 0 },
      means: 'relay',
      made: { delayNs: 50.2 * MS, spreadNs: 0.1 * MS, bitsPerSecondDown: null, bitsPerSecondUp: null },
      carried: { down: LINE, up: LINE, failed: 0, lateness: { p50Ns: 1, p99Ns: 0.3 * MS, maxNs: MS } },
      ...change,
    },
  };
}

function textOf(trial: MeasuredTrial): string {
  const page = link(buildReport(sampleResult({ trials: [trial] })));
  return (page?.text ?? '').replaceAll(/<[^>]+>/g, ' ').replaceAll(/\s+/g, ' ');
}

test('what was asked for stands beside what was made of it, and what that makes of staleness', () => {
  const text = textOf(overLink());
  expect(text).toContain('relay 50.0 ms 50.2 ms ± 100 µs +0.4 %');
  expect(text).toContain('A relay carried every packet');
  expect(text).toMatch(/mean staleness .*, where d \+ \(N \+ 1\)c\/2 predicts /);
  expect(text).toContain('300 µs');
});

test('a feed that does not fit through a line is said', () => {
  const asked = { delayNs: 50 * MS, bitsPerSecondDown: 48_000, bitsPerSecondUp: 48_000, loss: 0.01 };
  const carried = { down: { ...LINE, lost: 10, dropped: 100 }, up: LINE, failed: 0, lateness: null };
  const text = textOf(overLink({ asked, carried, means: 'netem' }));
  expect(text).toContain('The feed does not fit through such a line');
  expect(text).toContain('100 packets found their queue full');
  expect(text).toContain('The kernel delayed and lost packets itself');
  expect(text).not.toContain('mean staleness');
});

test('without a link there is no such section', () => {
  expect(link(buildReport(sampleResult()))).toBeUndefined();
});
