import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { PROBE_FIGURES, type TakenFigure } from '../../scenarios/claims/figures.ts';
import { NS_PER_MS, NS_PER_SECOND } from '../../scenarios/units.ts';
import { isMeasured } from '../../scenarios/result/result.ts';
import { renderMarkdown } from '../assertions/markdown.ts';
import { readResult, RESULT_FILE } from '../read-result.ts';
import { buildReport } from '../report/report.ts';
import { CLAIMS } from './claims.ts';
import { claimsText } from './claims-text.ts';
import { CLAIM_RUNS, type FigureKey, figureOf, rowOf } from './figure-keys.ts';
import { claims } from './claims-section.ts';
import { judgedClaims, judgedHere, leadText } from './judged-claims.ts';
import { readingOf } from './run-readings.ts';
import { RUN_FIGURES } from './run-figures.ts';
import { type ClaimVerdict, figuresOfRule, numbersText, ruleText, verdictOf, verdictText } from './verdict.ts';

type Values = Partial<Record<FigureKey, readonly number[]>>;

/** As two machines gave them, one quiet and one busy with other programs: least and most. */
const TAKEN: Values = {
  'frames.serverBytes': [2, 2, 4, 4, 10, 10],
  'frames.clientBytes': [6, 6, 8, 8, 14, 14],
  'exchanges.upgradeBytes': [760],
  'exchanges.acceptedUpgrades': [1, 1, 1],
  'exchanges.pollHeaderBytes': [799],
  'exchanges.pollBytes': [801],
  'exchanges.tlsPollBytes': [846],
  'exchanges.http2PollBytes': [76],
  'exchanges.http2TlsPollBytes': [142],
  'pushes.promptShare': [0.68, 1],
  'pushes.deliveryNs': [0.27 * NS_PER_MS, 0.58 * NS_PER_MS],
  'pushes.webSocketBytes': [4],
  'pushes.sseBytes': [23],
  'pushes.socketioBytes': [12],
  'pushes.longPollingBytes': [825],
  'pushes.longPollingTimes': [5.02],
  'pushes.otherTimes': [3, 5.75, 206],
  'backoff.asSaid': [1, 1, 1, 1, 1, 1, 1, 1, 1, 1],
  'backoff.waitNs': [1, 2, 4, 8, 16, 30, 30, 30, 30, 30].map((seconds) => seconds * NS_PER_SECOND),
  'backoff.jitteredWaitNs': [35.9 * NS_PER_SECOND],
  'backoff.guidePeak': [50_200],
  'backoff.barePeak': [100_000],
  'backoff.fullPeak': [13_000],
  'backoff.guideTimes': [0.502],
  'heartbeat.foundShare': [1],
  'heartbeat.foundIntervals': [1.01, 2.02],
  'heartbeat.pingCpuNs': [19_000, 72_000],
  'redis.addedNs': [306_000, 864_000],
  'redis.lost': [0],
  'redis.unshared': [0],
  'socketio.bundleBytes': [12_950, 14_800, 15_380],
  'socketio.backNs': [NS_PER_SECOND],
  'socketio.waitGrowth': [12, 22],
  'socketio.plainBack': [0],
  'socketio.insidersReached': [1, 1],
  'socketio.outsidersReached': [0, 0],
  'socketio.plainRooms': [0],
  'socketio.withoutUpgrade': [1],
  'socketio.plainWithoutUpgrade': [0],
  'socketio.ownEvents': [1],
  'socketio.plainEvents': [1],
  'socketio.binaryDetected': [1],
  'socketio.plainBinary': [1],
  'socketio.foreignServed': [0, 0],
  'socketio.standardServed': [1],
  'closeCodes.seen': [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1],
  'logs.urlTokens': [1, 1],
  'logs.messageTokens': [0, 0],
  'page.upgrades': [3],
  'page.authorized': [0],
  'page.fetchesAuthorized': [1],
  'page.builtIn': [1, 1],
  'streams.http1Open': [6, 6, 6],
  'streams.http1Answered': [0, 0, 0],
  'streams.http1FreedNs': [13 * NS_PER_MS, 21 * NS_PER_MS],
  'streams.http2Open': [7, 7, 7],
  'streams.http2Answered': [1, 1, 1],
  'streams.http2AnswerNs': [10 * NS_PER_MS, 17 * NS_PER_MS],
  'feed.clients': [200],
  'feed.messagesAnInterval': [60],
  'feed.emptyShare': [0],
  'feed.frameOverheadBytes': [4.004],
  'feed.requestBytes': [0.24],
  'feed.pollingMessageBytes': [333],
  'feed.longPollingMessageBytes': [574, 1312],
  'feed.webSocketMessageBytes': [422, 424],
  'feed.pollingBytesTimes': [0.785, 0.79],
  'feed.longPollingBytesTimes': [1.36, 3.1],
  'feed.pollingCpuTimes': [0.84, 1.3],
  'feed.longPollingCpuTimes': [2.25, 4.7],
  'feed.pollingStalenessNs': [1.5 * NS_PER_SECOND],
  'feed.longPollingStalenessNs': [5.1 * NS_PER_MS, 169 * NS_PER_MS],
  'feed.webSocketStalenessNs': [2.6 * NS_PER_MS, 13.2 * NS_PER_MS],
  'feed.pollingStalenessTimes': [114, 514],
  'feed.longPollingStalenessTimes': [1.73, 10],
  'feed.promptShare': [0.01, 0.07],
  'feed.deliveryNs': [2.5 * NS_PER_MS, 13 * NS_PER_MS],
  'quiet.messagesAnInterval': [0.3],
  'quiet.emptyShare': [0.7],
  'quiet.pollBytes': [1113, 1120],
  'quiet.pollingBytesTimes': [7.03, 7.09],
  'quiet.pollingCpuTimes': [5.1, 6.2],
  'quiet.pollingClientBytes': [374],
  'quiet.webSocketClientBytes': [53],
  'crowd.clients': [5000],
  'crowd.connections': [5000],
  'crowd.faults': [0],
  'crowd.connectionBytes': [16_000],
  'crowd.promptShare': [0],
  'crowd.deliveryNs': [57 * NS_PER_MS, 455 * NS_PER_MS],
  'herd.guidePeak': [1370, 2380],
  'herd.barePeak': [1520, 2090],
  'herd.fullPeak': [550, 1060],
  'herd.guidePeakTimes': [0.87, 1.14],
  'herd.guideBackNs': [1.4 * NS_PER_SECOND],
  'herd.bareBackNs': [1.3 * NS_PER_SECOND],
  'herd.fullBackNs': [1.1 * NS_PER_SECOND],
  'herd.guideNeverBack': [0],
};

function taken(values: Values): Record<string, TakenFigure> {
  return Object.fromEntries(
    Object.entries(values).map(([key, own]) => [key, { values: own, disturbed: [], by: null }] as const),
  );
}

function claimOf(id: string): (typeof CLAIMS)[number] {
  const claim = CLAIMS.find((one) => one.id === id);
  if (claim === undefined) throw new Error(`there is no claim ${id}`);
  return claim;
}

function verdict(id: string, figures: Record<string, TakenFigure> = taken(TAKEN)): ClaimVerdict {
  return verdictOf(claimOf(id), (key) => figures[key]);
}

test('each run has its workload, and each workload is run', () => {
  const files = readdirSync(join(import.meta.dirname, '..', '..', 'scenarios', 'claims'));
  expect(files.flatMap((file) => (file.endsWith('.json') ? file.slice(0, -5) : [])).toSorted()).toEqual(
    CLAIM_RUNS.toSorted(),
  );
});

describe('the claims', () => {
  const rules = CLAIMS.flatMap(({ here, ...claim }) => (here === undefined ? [claim] : [claim, here]));

  test('have names of their own, rest on figures, and leave none unused', () => {
    expect(new Set(CLAIMS.map(({ id }) => id)).size).toBe(CLAIMS.length);
    const used = new Set<string>(rules.flatMap(figuresOfRule));
    const ofProbes = Object.entries(PROBE_FIGURES).flatMap(([probe, own]) =>
      Object.keys(own).map((id) => `${probe}.${id}`),
    );
    expect(ofProbes.filter((key) => !used.has(key))).toEqual([]);
    const usedOfRuns = new Set([...used].map((key) => key.split('.')[1]));
    expect(Object.keys(RUN_FIGURES).filter((id) => !usedOfRuns.has(id))).toEqual([]);
  });

  test('each has a verdict and a number where everything was measured, and says its rule', () => {
    for (const { claim, verdict: one } of judgedClaims({ figures: taken(TAKEN), missing: {} })) {
      expect([claim.id, one.kind, numbersText(one)]).not.toEqual([claim.id, 'not-decided', numbersText(one)]);
      expect(numbersText(one)).toMatch(/\d/);
      expect(numbersText(one)).not.toMatch(/NaN|undefined|Infinity/);
      expect(ruleText(claim)).toMatch(/\d/);
      expect(ruleText(claim)).not.toMatch(/NaN|undefined|Infinity/);
    }
  });

  test('say why, where a figure was not taken', () => {
    for (const claim of CLAIMS) {
      for (const absent of figuresOfRule(claim)) {
        const { [absent]: _, ...rest } = TAKEN;
        expect([claim.id, verdict(claim.id, taken(rest)).kind]).toEqual([claim.id, 'not-decided']);
        const missing = { [absent.split('.')[0] ?? '']: 'there is no such program' };
        const judged = judgedClaims({ figures: taken(rest), missing }).find((one) => one.claim === claim);
        expect(judged === undefined ? '' : numbersText(judged.verdict)).toContain('there is no such program');
      }
    }
  });

  test('are decided by what lies far from their bounds, on a quiet machine and on a busy one', () => {
    for (const { id, bounds, when } of CLAIMS) {
      const verdictNow = verdict(id).kind;
      for (const { figure, least, most } of [...bounds, ...(when?.bounds ?? [])]) {
        if (rowOf(figure).fragile !== true) continue;
        // A quarter more or less of every trial is the same verdict.
        for (const times of [0.8, 1.25]) {
          const moved = { ...TAKEN, [figure]: (TAKEN[figure] ?? []).map((value) => value * times) };
          expect([id, figure, least, most, times, verdict(id, taken(moved)).kind]).toEqual([
            id,
            figure,
            least,
            most,
            times,
            verdictNow,
          ]);
        }
      }
    }
  });
});

/** What was measured otherwise, and what follows. */
const OTHERWISE: readonly (readonly [string, Values, string])[] = [
  ['frame-bytes', { 'frames.clientBytes': [18] }, 'does not hold'],
  ['header-bytes', { 'exchanges.pollHeaderBytes': [150] }, 'does not hold'],
  ['header-bytes', { 'exchanges.http2PollBytes': [300] }, 'holds'],
  ['no-headers', { 'feed.frameOverheadBytes': [40] }, 'does not hold'],
  ['handshake', { 'exchanges.acceptedUpgrades': [0] }, 'does not hold'],
  ['minimal-overhead', { 'pushes.otherTimes': [0.5] }, 'does not hold'],
  ['zero-requests', { 'feed.requestBytes': [90] }, 'does not hold'],
  ['empty-polls', { 'feed.emptyShare': [0.8] }, 'holds'],
  ['empty-polls', { 'quiet.emptyShare': [0.4] }, 'does not hold'],
  ['polling-inefficient', { 'feed.pollingBytesTimes': [1.5] }, 'holds'],
  ['polling-wastes', { 'quiet.pollingBytesTimes': [0.9] }, 'does not hold'],
  ['polling-wastes', { 'feed.pollingCpuTimes': [3], 'feed.pollingBytesTimes': [1.5] }, 'holds'],
  ['long-polling-inefficient', { 'feed.longPollingBytesTimes': [0.9] }, 'does not hold'],
  ['thousands', { 'crowd.faults': [3] }, 'does not hold'],
  ['thousands', { 'crowd.connections': [900] }, 'does not hold'],
  ['polling-latency', { 'feed.pollingStalenessTimes': [1.1] }, 'does not hold'],
  ['long-polling-latency', { 'feed.longPollingStalenessTimes': [1.01] }, 'does not hold'],
  ['instant', { 'feed.promptShare': [1], 'crowd.promptShare': [0.9] }, 'holds'],
  ['instant', { 'pushes.promptShare': [0.01] }, 'does not hold'],
  ['redis-bus', { 'redis.lost': [1] }, 'does not hold'],
  ['scaling-coordinates', { 'redis.unshared': [120] }, 'does not hold'],
  ['backoff', { 'backoff.asSaid': [0] }, 'does not hold'],
  ['thundering-herd', { 'herd.guidePeakTimes': [0.1], 'backoff.guideTimes': [0.1] }, 'holds'],
  ['heartbeat', { 'heartbeat.foundShare': [0.9] }, 'does not hold'],
  ['close-codes', { 'closeCodes.seen': [0] }, 'does not hold'],
  ['no-authorization', { 'page.authorized': [1] }, 'does not hold'],
  ['no-authorization', { 'page.fetchesAuthorized': [0] }, 'does not hold'],
  ['token-in-url', { 'logs.messageTokens': [1] }, 'does not hold'],
  ['bundle', { 'socketio.bundleBytes': [19_000] }, 'holds'],
  ['built-in', { 'page.builtIn': [0] }, 'does not hold'],
  ['auto-reconnect', { 'socketio.plainBack': [1] }, 'does not hold'],
  ['auto-reconnect', { 'socketio.waitGrowth': [1] }, 'does not hold'],
  ['rooms', { 'socketio.outsidersReached': [0.2] }, 'does not hold'],
  ['fallback', { 'socketio.withoutUpgrade': [0] }, 'does not hold'],
  ['event-names', { 'socketio.plainEvents': [3] }, 'does not hold'],
  ['binary', { 'socketio.plainBinary': [0.5] }, 'does not hold'],
  ['interop', { 'socketio.standardServed': [0] }, 'does not hold'],
  ['connection-limit', { 'streams.http1Answered': [1] }, 'does not hold'],
  ['connection-limit', { 'streams.http2Answered': [0] }, 'holds'],
  ['connection-limit', { 'streams.http2AnswerNs': [0.3 * NS_PER_SECOND] }, 'does not hold'],
];

describe('a verdict follows from the figures', () => {
  test('of every claim', () => {
    expect(new Set(OTHERWISE.map(([id]) => id))).toEqual(new Set(CLAIMS.map(({ id }) => id)));
  });

  test.each(OTHERWISE)('%s with %o: %s', (id, figures, words) => {
    expect(verdictText(verdict(id, taken({ ...TAKEN, ...figures })))).toBe(words);
    expect(verdictText(verdict(id))).not.toBe(words);
  });

  test('and trials on both sides of a bound decide nothing', () => {
    const one = verdict('polling-latency', taken({ ...TAKEN, 'feed.pollingStalenessTimes': [1.5, 400, 410] }));
    expect(one.kind).toBe('not-decided');
    expect(numbersText(one)).toBe(
      'staleness p50, HTTP polling by WebSocket, 60 messages an interval: 1.50 to 410 times, where the rule asks for at least 2 times: its trials lie on both sides; run again, with more --trials',
    );
  });

  const disturbed = (...values: number[]): Record<string, TakenFigure> => ({
    ...taken(TAKEN),
    'feed.longPollingStalenessTimes': { values: [], disturbed: values, by: 'other programs had 60 % of the cores' },
  });

  test('nor do trials that were disturbed, near one; far from it they do', () => {
    expect(verdict('long-polling-latency', disturbed(1.73, 2.5)).kind).toBe('holds');
    const near = verdict('long-polling-latency', disturbed(1.3, 2.5));
    expect(near.kind).toBe('not-decided');
    expect(numbersText(near)).toContain('other programs had 60 % of the cores');
    expect(
      verdict('long-polling-latency', taken({ ...TAKEN, 'feed.longPollingStalenessTimes': [1.3, 2.5] })).kind,
    ).toBe('holds');
  });

  test('one that was not disturbed counts alone', () => {
    const figures = disturbed(0.2);
    const mixed = { ...figures, 'feed.longPollingStalenessTimes': { values: [2], disturbed: [0.2], by: 'stolen' } };
    expect(verdict('long-polling-latency', mixed).kind).toBe('holds');
  });

  test('and figures that make no number decide nothing', () => {
    for (const value of [0, 1e308]) {
      const all = Object.fromEntries(Object.keys(TAKEN).map((key) => [key, [value, value]]));
      for (const { verdict: one } of judgedClaims({ figures: taken(all), missing: {} }))
        expect(numbersText(one)).not.toMatch(/NaN|∞|Infinity/);
    }
  });

  test('a spread herd of which some never come back is none that was prevented', () => {
    const figures = { 'herd.guidePeakTimes': [0.1], 'backoff.guideTimes': [0.1], 'herd.guideNeverBack': [2] };
    const one = verdict('thundering-herd', taken({ ...TAKEN, ...figures }));
    expect(verdictText(one)).toBe('does not hold');
    expect(numbersText(one)).toContain('2 never came back');
  });

  test('where polling and WebSocket cross is where a poll costs what its messages save', () => {
    const one = verdict('polling-inefficient');
    // 1,116.5 B a poll; 333 − 1,116.5 / 60 = 314.4 B a message polled, 423 B pushed.
    // 725 B less over HTTP/2, and 9 B more for what is pushed.
    expect(verdictText(one)).toBe('holds when fewer than about 10 messages come in a poll interval, or 3 over HTTP/2');
    expect(numbersText(one)).toContain('76 B on the socket instead of 801 B, at 3.33');
    expect(numbersText(one)).toContain('both cost the same at 10.3 messages an interval');
  });
});

test('figures are called by their names, with the run that they are of', () => {
  expect(figureOf('frames.serverBytes')?.row.unit).toBe('bytes');
  expect(figureOf('crowd.faults')?.where).toBe('5,000 clients');
  for (const key of ['frames.none', 'none.faults', 'here', '']) expect(figureOf(key)).toBeUndefined();
});

test('the terminal says each claim with its verdict, its numbers, and how many hold', () => {
  const all = { figures: taken(TAKEN), missing: {} };
  const text = claimsText(all, 80);
  const joined = text.replaceAll(/\n +/g, ' ');
  for (const { said } of CLAIMS) expect(joined).toContain(`"${said}": `);
  expect(text).toContain('  "2-14 bytes per frame": holds\n      2 to 10 B from a server, 6 to 14 B towards it');
  expect(Math.max(...text.split('\n').map(({ length }) => length))).toBeLessThanOrEqual(80);
  expect(text.replaceAll('\n', ' ').endsWith(leadText(judgedClaims(all)))).toBe(true);
  expect(leadText(judgedClaims(all))).toBe(
    'Of 31 claims 23 hold as they are said, 6 hold under a condition and 2 do not hold.',
  );
});

describe('a report', () => {
  const sample = buildReport(readResult(join(import.meta.dirname, '..', 'sample', RESULT_FILE)));

  test('says what its own figures do, of each claim that it has figures for', () => {
    const here = judgedHere(sample).map(({ claim, verdict: one }) => [claim.id, one.kind]);
    expect(Object.fromEntries(here)).toEqual({
      'header-bytes': 'holds',
      'no-headers': 'holds',
      'zero-requests': 'holds',
      'empty-polls': 'does-not-hold',
      'polling-inefficient': 'does-not-hold',
      'polling-wastes': 'does-not-hold',
      'long-polling-inefficient': 'holds',
      'polling-latency': 'holds',
      'long-polling-latency': 'holds',
      instant: 'does-not-hold',
      'redis-bus': 'holds',
    });
    for (const { verdict: one } of judgedHere(sample)) expect(numbersText(one)).toMatch(/\d/);
  });

  test('says nothing of what it did not measure', () => {
    const polled = {
      ...sample.result,
      trials: sample.result.trials.filter(({ variant }) => variant.transport === 'polling'),
    };
    expect(judgedHere(buildReport(polled)).map(({ claim }) => claim.id)).toEqual(['header-bytes', 'empty-polls']);
    const none = buildReport({ ...sample.result, trials: [] });
    expect(judgedHere(none)).toEqual([]);
    expect(claims(none)).toBeUndefined();
    expect(renderMarkdown({ runs: [{ report: none, judgements: [] }] })).not.toContain('guide');
  });

  test('has the table in its page and in markdown, and leads to the page of claims that lies beside it', () => {
    const text = String(claims(sample, { claims: '../x-claims/index.html' })?.text);
    expect(text).toContain('<a href="../x-claims/index.html#polling-latency">polling … add latency … high latency</a>');
    expect(text).toContain('does not hold here');
    expect(String(claims(sample)?.text)).not.toContain('href');
    const markdown = renderMarkdown({ runs: [{ report: sample, judgements: [] }] });
    expect(markdown).toMatch(/<details><summary>.*\n\n\| claim \| verdict \| measured \|\n.*\n\| “hundreds of bytes/);
  });

  test('a trial that was disturbed is told from others, and a block has its own ratio', () => {
    const ratio = readingOf(sample, 'pollingStalenessTimes');
    expect(ratio?.values.length).toBeGreaterThan(1);
    const disturbed = sample.result.trials.map((trial) =>
      isMeasured(trial) && trial.variant.transport === 'polling' && trial.machine !== null
        ? { ...trial, machine: { ...trial.machine, otherRuns: [4711] } }
        : trial,
    );
    const report = buildReport({ ...sample.result, trials: disturbed });
    expect(readingOf(report, 'pollingStalenessTimes')).toMatchObject({
      values: [],
      disturbed: ratio?.values,
      by: '1 other run of feedbench under way, process id 4711',
    });
    // What it counted is what it is.
    expect(readingOf(report, 'emptyShare')).toEqual(readingOf(sample, 'emptyShare'));
  });
});
