import { expect, test } from 'vitest';
import { isMeasured, type Result } from '../../scenarios/result/result.ts';
import { buildReport } from '../report/report.ts';
import { changedResult } from '../testing/changed-result.ts';
import { sampleCampaign } from '../testing/sample-campaign.ts';
import { failedTrial, sampleResult, websocketTrial } from '../testing/sample-result.ts';
import { type Judgement, judgeAssertion, judgeRegression } from './judgement.ts';
import { parseAssertion, parseRegression } from './rule.ts';
import { requireSelected, selectedKeys } from './selection.ts';

const BOTH_POLLING = sampleCampaign({ variants: 6 });
const CAMPAIGN = onlyOf('websocket', BOTH_POLLING);

/** Reports are quickly made of few trials. */
function onlyOf(transport: string, result: Result): Result {
  const trials = result.trials.filter(({ variant }) => variant.transport === transport);
  const blocks = result.campaign?.blocks.map(({ number }) => ({ number, plannedTrials: 1 })) ?? [];
  return { ...result, trials, campaign: result.campaign && { ...result.campaign, blocks } };
}

function lines(judgements: readonly Judgement[]): string[] {
  return judgements.map(({ state, variant, text }) => `${state} ${variant}: ${text}`);
}

function judged(result: Result, text: string): string[] {
  return lines(judgeAssertion(buildReport(result), parseAssertion(text)));
}

function changed(before: Result, after: Result, text: string): string[] {
  return lines(judgeRegression({ before: buildReport(before), after: buildReport(after) }, parseRegression(text)));
}

const KEYS = ['polling/memory', 'polling/memory/poll=1s', 'polling/redis/nodes=3', 'websocket/memory'];

test.each([
  ['polling', KEYS.slice(0, 3)],
  ['polling/memory', ['polling/memory']],
  ['polling/redis', ['polling/redis/nodes=3']],
  ['poll', []],
  ['*', KEYS],
])('%s names what is called so, or all that begins so', (selector, keys) => {
  expect(selectedKeys({ selector }, KEYS)).toEqual(keys);
});

test('a name that nothing has is refused with what there is', () => {
  expect(() => requireSelected([parseAssertion('sse.staleness.p50 < 1ms')], KEYS, 'ticker')).toThrow(
    expect.objectContaining({
      code: 'usage',
      message: `"sse.staleness.p50 < 1ms": there is no variant "sse" in ticker; there are ${KEYS.join(', ')}`,
    }),
  );
});

test('each variant that a rule names is held against it, by its centre; the copy of the control is none', () => {
  const report = buildReport(BOTH_POLLING);
  expect(lines(judgeAssertion(report, parseAssertion('polling.cpu.server < 14us')))).toEqual([
    'held HTTP polling, memory: 10.9 µs (8.78 µs to 16.5 µs in 3 trials)',
    'failed HTTP polling, redis × 3: 39.8 µs (29.3 µs to 54.7 µs in 3 trials)',
  ]);
  expect(lines(judgeAssertion(report, parseAssertion('*.bytes.wire < 1kB')))).toHaveLength(6);
});

test('what cannot be known does not hold, and says why', () => {
  expect(judged(CAMPAIGN, 'websocket.staleness.p99 < 1s')).toEqual([
    'undecided WebSocket, memory: too few messages for p99: 360 messages support percentiles up to 97.2',
  ]);
  const single = sampleResult({ partial: false, trials: [websocketTrial(), failedTrial(websocketTrial().variant)] });
  expect(judged(single, 'websocket.cpu.server < 1s')).toEqual(['held WebSocket, memory: 20.0 µs (one trial)']);
  const failed = sampleResult({ trials: [failedTrial(websocketTrial().variant)] });
  expect(judged(failed, 'websocket.cpu.server < 1s')).toEqual([
    'undecided WebSocket, memory: it could not be measured: Redis stopped answering: "connection, refused"',
  ]);
  const source = { kind: 'n/a', reason: 'no private network' } as const;
  const withoutWire = { ...websocketTrial(), sources: { wireBytesDown: source, wireBytesUp: source } };
  expect(judged(sampleResult({ trials: [withoutWire] }), 'websocket.bytes.wire < 1MB')).toEqual([
    'undecided WebSocket, memory: n/a: no private network',
  ]);
});

test('a variant all of whose trials are suspect is not judged', () => {
  const [node, ...others] = websocketTrial().processes.toReversed();
  const busy = { delayP50Ns: 1, delayP99Ns: 1, delayMaxNs: 1, utilization: 0.95 };
  const suspect = {
    ...websocketTrial(),
    processes: node === undefined ? [] : [{ ...node, eventLoop: busy }, ...others],
  };
  expect(judged(sampleResult({ trials: [suspect] }), 'websocket.staleness.p50 < 1s')).toEqual([
    'undecided WebSocket, memory: every trial of it is suspect (busy)',
  ]);
});

test('a change is a failure where it is surely there and beyond the bound', () => {
  const slower = changedResult(CAMPAIGN, { staleness: { websocket: 4 } });
  expect(changed(CAMPAIGN, slower, 'websocket.staleness.p50 > +10%')).toEqual([
    expect.stringMatching(/^failed WebSocket, memory: \+300 %, \+\d+ % to \+\d+ %: 642 µs → 2\.57 ms$/),
  ]);
  // Surely there, and within the bound.
  expect(changed(CAMPAIGN, slower, 'websocket.staleness.p50 > +500%')[0]).toMatch(/^held WebSocket, memory: \+300 %/);
  // Beyond the bound, and maybe chance.
  const little = changedResult(CAMPAIGN, { staleness: { websocket: 1.2 } });
  expect(changed(CAMPAIGN, little, 'websocket.staleness.p50 > +10%')[0]).toMatch(
    /^held WebSocket, memory: no difference found \(\+20 %, −\d+ % to \+\d+ %\); one of \+\d+ % would have been/,
  );
  expect(changed(slower, CAMPAIGN, 'websocket.staleness.p50 < -50%')[0]).toMatch(/^failed WebSocket, memory: −75 %/);
  // What fell is no rise.
  expect(changed(slower, CAMPAIGN, 'websocket.staleness.p50 > +10%')[0]).toMatch(/^held WebSocket, memory: −75 %/);
});

test('a change that cannot be seen is a failure too: one trial each, or no such variant before', () => {
  const single = sampleResult({ trials: [websocketTrial()] });
  expect(changed(single, single, 'websocket.cpu.server > +10%')).toEqual([
    'undecided WebSocket, memory: one trial each: only bytes can be compared',
  ]);
  expect(changed(single, single, 'websocket.bytes.wire > +1%')[0]).toMatch(
    /^held WebSocket, memory: no difference found/,
  );
  const without = onlyOf('polling', BOTH_POLLING);
  expect(changed(without, CAMPAIGN, 'websocket.cpu.server > +10%')).toEqual([
    'undecided WebSocket, memory: the baseline has no such variant',
  ]);
});

test('a result of more clients has the same variants', () => {
  const clients = 2 * CAMPAIGN.workload.clients;
  const more = {
    ...CAMPAIGN,
    workload: { ...CAMPAIGN.workload, clients },
    trials: CAMPAIGN.trials.map((trial) => ({ ...trial, clients })),
  };
  expect(more.trials.every(isMeasured)).toBe(true);
  expect(changed(CAMPAIGN, more, 'websocket.staleness.p50 > +10%')[0]).toMatch(
    /^held WebSocket, memory: no difference/,
  );
});

test('a variant that only the baseline has is not decided', () => {
  const [one, ...others] = changed(BOTH_POLLING, CAMPAIGN, '*.bytes.wire > +10%');
  expect(one).toMatch(/^held WebSocket, memory: no difference found/);
  expect(others).toContain('undecided HTTP polling, redis × 3: only the baseline has such a variant');
  expect(others).toHaveLength(5);
  expect(changed(BOTH_POLLING, CAMPAIGN, 'sse.bytes.wire > +10%')).toEqual([
    'undecided Server-Sent Events, memory: only the baseline has such a variant',
  ]);
});
