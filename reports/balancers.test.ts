import { expect, test } from 'vitest';
import type { MeasuredTrial, Result, Trial } from '../scenarios/result/result.ts';
import { renderPage } from './page.ts';
import { findingText } from './sections/path/balancers.ts';
import { sampleResult } from './testing/sample-result.ts';
import { type Character, sampleTrial } from './testing/sample-trial.ts';
import { buildReport } from './report/report.ts';
import { balancedVariants, findingsOf } from './report/path/balanced.ts';

type Values = Character['variant']['values'];

const STOCK: Values = { balancer: 'haproxy', tuning: 'stock' };
const TUNED: Values = { balancer: 'haproxy' };
/** Clients are 50, who get 20 messages a second. */
const ANSWERS = 1000;

function behind(transport: string, values: Values, stalenessMs: Character['stalenessMs'] = [0.4, 1.6]): MeasuredTrial {
  const trial = sampleTrial({
    variant: { transport, backplane: 'redis', values: { nodes: 3, ...values } },
    stalenessMs,
    answersPerSecond: transport === 'websocket' ? 0 : ANSWERS,
    emptyShare: 0,
    headerBytes: 0,
    wireBytesPerMessage: 436,
    cpuUsPerMessage: 20,
  });
  const [node] = trial.processes;
  if (node === undefined || values['balancer'] === undefined) return trial;
  return { ...trial, processes: [...trial.processes, { ...node, role: 'balancer', name: 'HAProxy' }] };
}

function opening(trial: MeasuredTrial, connectionsPerSecond: number): MeasuredTrial {
  const balancerConnections = Array.from({ length: trial.window.bins }, () => connectionsPerSecond);
  return { ...trial, countersPerBin: { ...trial.countersPerBin, balancerConnections } };
}

function failed({ variant, generator, clients, trial, copy, attempt, startedAt }: MeasuredTrial): Trial {
  const place = { variant, generator, clients, trial, copy, attempt, startedAt };
  return { state: 'failed', ...place, code: 'ramp-failed', message: 'the clients could not all connect' };
}

function resultOf(...trials: Trial[]): Result {
  return sampleResult({ trials, partial: false });
}

function textsOf(...trials: Trial[]): string[] {
  return balancedVariants(buildReport(resultOf(...trials))).flatMap((variant) => findingsOf(variant).map(findingText));
}

test('what comes a hundred times as late with stock settings is held back', () => {
  expect(textsOf(behind('websocket', STOCK, [95, 115]), behind('websocket', TUNED))).toEqual([
    expect.stringMatching(
      /^WebSocket behind HAProxy with stock settings is held back: half of all messages come 10\d ms .* and 1\.01 ms with tuned settings\. /,
    ),
  ]);
  expect(textsOf(behind('websocket', STOCK, [95, 115]), behind('websocket', {}))).toEqual([
    expect.stringContaining('with no balancer.'),
  ]);
});

test.each([
  ['little later', [15, 19], [0.4, 1.6]],
  ['not many times as late', [40, 60], [20, 40]],
] as const)('what is %s is not held back', (_, stock, tuned) => {
  expect(textsOf(behind('websocket', STOCK, stock), behind('websocket', TUNED, tuned))).toEqual([]);
});

test('an answer that comes whole is late, and nothing waited for more of it', () => {
  expect(textsOf(behind('long-polling', STOCK, [95, 115]), behind('long-polling', TUNED))).toEqual([
    expect.stringMatching(
      /^HTTP long-polling behind HAProxy with stock settings is late: half .* with tuned settings\.$/,
    ),
  ]);
});

test('who polls at an interval is as late as its interval, and not held back', () => {
  expect(textsOf(behind('polling', STOCK, [95, 115]), behind('polling', TUNED))).toEqual([]);
});

test('a connection for each poll is named, with what tuned settings make of it', () => {
  const stock = opening(behind('polling', STOCK), ANSWERS);
  const tuned = opening(behind('polling', TUNED), ANSWERS / 100);
  expect(textsOf(stock, tuned)).toEqual([
    'HTTP polling behind HAProxy with stock settings keeps no connection to the nodes: it opened 1.00 for each answer, and 0.010 with tuned settings.',
  ]);
  expect(textsOf(opening(behind('polling', STOCK), ANSWERS / 3), tuned)).toEqual([]);
});

test('what fails with stock settings alone is broken by them', () => {
  const clean = behind('websocket', TUNED);
  expect(textsOf(failed(behind('websocket', STOCK)), clean)).toEqual([
    'WebSocket behind haproxy with stock settings does not work: the clients could not all connect. With tuned settings it does.',
  ]);
  expect(textsOf(failed(behind('websocket', STOCK)), failed(clean))).toEqual([]);
  const stock = behind('websocket', STOCK);
  const lossy = { ...stock, audit: { ...stock.audit, duplicated: 3 } };
  expect(textsOf(lossy, clean)).toEqual([expect.stringContaining('its audit failed: 3 duplicated.')]);
});

test('only what differs in the balancer alone is held against each other, and a page without one has no such part', () => {
  const elsewhere = { ...behind('websocket', TUNED) };
  const other = { ...elsewhere, variant: { ...elsewhere.variant, values: { ...elsewhere.variant.values, nodes: 2 } } };
  expect(textsOf(behind('websocket', STOCK, [95, 115]), other)).toEqual([]);
  const direct = behind('websocket', {});
  const page = renderPage(buildReport(resultOf(direct, behind('websocket', TUNED))));
  expect(page).toContain('What does a balancer cost');
  expect(page).toContain('Stock settings were not measured');
  expect(renderPage(buildReport(resultOf(direct)))).not.toContain('What does a balancer cost');
});
