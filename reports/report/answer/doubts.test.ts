import { describe, expect, test } from 'vitest';
import {
  answerTo,
  changed,
  COPY,
  doubtsOf,
  HISTORY,
  LONG_POLLING,
  ON_THREE,
  POLLING,
  single,
  stolen,
  STREAM,
  WEBSOCKET,
} from '../../testing/answered-variants.ts';
import type { ExactVariant } from '../../testing/exact-campaign.ts';
import { failedTrial } from '../../testing/sample-result.ts';

describe('doubts', () => {
  test('who is left out of the ranking, and why', () => {
    const late = changed(LONG_POLLING, (trial) => ({
      ...trial,
      window: { ...trial.window, firstBin: trial.window.firstBin + 5 },
    }));
    const told = answerTo([WEBSOCKET, COPY, late, POLLING]);
    expect(told.verdict[0]).toContain('WebSocket');
    const left = told.doubts.filter(({ text }) => text.includes('is not ranked'));
    expect(left).toEqual([
      { kind: 'doubt', text: expect.stringMatching(/^HTTP long-polling is not ranked: /) as string },
    ]);
    expect(told.reasons.join(' ')).not.toContain('is not ranked');
  });

  test('several that are left out for one reason are told in one sentence', () => {
    const late = [LONG_POLLING, STREAM].map((variant) =>
      changed(variant, (trial) => ({
        ...trial,
        window: { ...trial.window, firstBin: trial.window.firstBin + 5 },
      })),
    );
    const left = doubtsOf([WEBSOCKET, ...late, POLLING]).filter((text) => text.includes('not ranked'));
    expect(left).toHaveLength(1);
    expect(left[0]).toMatch(/^doubt: (?:HTTP long-polling and Stream|Stream and HTTP long-polling) are not ranked: /);
  });

  test('an undisturbed campaign has none', () => {
    expect(doubtsOf([WEBSOCKET, COPY, LONG_POLLING, POLLING])).toEqual([]);
  });

  test('suspect trials are told once a reason, with the least and the most that was seen', () => {
    expect(doubtsOf([WEBSOCKET, stolen(POLLING, [1, 2]), stolen(LONG_POLLING, [3])])).toEqual([
      "doubt: 3 of 9 trials are suspect, of HTTP polling every 2 s (2) and HTTP long-polling (1): the hypervisor ran other machines for 2.0 to 4.0 % of a core's time, more than 1 % (measure again at a calmer hour, or on a machine with cores of its own).",
    ]);
    expect(doubtsOf([WEBSOCKET, stolen(POLLING, [1, 2, 3])])).toContain(
      'doubt: Not to be ranked but by bytes: HTTP polling every 2 s. Every trial of it is suspect.',
    );
    expect(doubtsOf([stolen(single(WEBSOCKET), [1])])[0]).toMatch(/^doubt: The one trial is suspect: the hypervisor/);
  });

  test('what went wrong comes first: the control, audits, another feed, what could not be measured', () => {
    const lossy = changed({ ...LONG_POLLING, medianMs: [1.8, 1.81, 1.8] }, (trial, block) =>
      block < 3 ? { ...trial, audit: { ...trial.audit, lost: block } } : trial,
    );
    const failed = changed(POLLING, (trial, block) => ({ ...failedTrial(trial.variant), trial: block }));
    const stranger = changed({ ...STREAM, medianMs: [1.4, 1.41, 1.4] }, (trial) => ({
      ...trial,
      scheduleHash: 'cd'.repeat(32),
    }));
    expect(
      doubtsOf([
        { ...WEBSOCKET, medianMs: [1.36, 1.36, 1.37] },
        { ...COPY, medianMs: [1.58, 1.57, 1.58] },
        lossy,
        failed,
        stranger,
      ]),
    ).toEqual([
      'wrong: The same variant measured twice differed by 1.16 times (1.14 to 1.17) in staleness p50 and 1.16 times (1.14 to 1.17) in staleness p99: no difference smaller than that means anything here. By chance this is so in 1 of 20 campaigns.',
      'wrong: HTTP long-polling failed its audit in 2 trials: of 46,000 expected messages, 3 lost.',
      'wrong: Stream did not serve the planned feed (its schedule hash differs), so it cannot be compared.',
      'wrong: HTTP polling every 2 s could not be measured in 3 trials: Redis stopped answering: "connection, refused".',
    ]);
  });

  test('what failed once was measured nevertheless', () => {
    const once = changed(POLLING, (trial, block) => (block === 2 ? failedTrial(trial.variant) : trial));
    expect(doubtsOf([WEBSOCKET, once])).toContain(
      'wrong: HTTP polling every 2 s could not be measured in 1 trial of 3: Redis stopped answering: "connection, refused".',
    );
  });

  test('a run that was stopped says what is missing', () => {
    const cut = changed(POLLING, (trial, block) => ({ ...trial, partial: block === 3 }));
    expect(doubtsOf([WEBSOCKET, cut], { partial: true, plannedTrials: 8 }).slice(0, 2)).toEqual([
      'doubt: This run is partial: it was stopped early. 2 trials of 8 did not start. HTTP polling every 2 s was cut short.',
      'doubt: Block 3 is not whole and counts in no comparison.',
    ]);
  });

  test('one trial each, and where it is known from what chance does', () => {
    const singles = [WEBSOCKET, POLLING].map(single);
    expect(doubtsOf(singles)).toContain(
      'doubt: One trial each: what chance does on this machine no campaign has shown, so nothing less than tenfold is called a difference (--trials 3 tells more).',
    );
    expect(doubtsOf(singles, { noise: HISTORY })).toContain(
      'doubt: One trial each: what chance does is taken from trials on this machine of 25 Nov 2025 (--trials 3 tells more).',
    );
  });

  test('a trial that is unlike its siblings counts, and is told', () => {
    const five = (medianMs: readonly number[], cpuUs: number): Partial<ExactVariant> => ({
      medianMs,
      cpuUs: medianMs.map(() => cpuUs),
    });
    expect(
      doubtsOf([
        { ...WEBSOCKET, ...five([1.36, 1.37, 1.36, 1.38, 2.9], 14) },
        { ...POLLING, ...five([501, 501, 500, 502, 501], 12) },
      ]),
    ).toEqual(['doubt: Trial 5 of WebSocket is unlike its siblings in staleness p50 (×2.13); it counts.']);
  });

  test('percentiles that too few messages support', () => {
    const few = [WEBSOCKET, POLLING].map((variant) => changed(variant, (trial) => ({ ...trial, dueInWindow: 280 })));
    expect(doubtsOf(few)[0]).toBe(
      'doubt: ≈ marks percentiles that too few messages support, which rank nothing: of a variant, 840 messages support percentiles up to 98.8.',
    );
  });

  test('a feed that came to another rate than planned', () => {
    const sparse = [WEBSOCKET, POLLING].map((variant) => changed(variant, (trial) => ({ ...trial, dueInWindow: 380 })));
    expect(doubtsOf(sparse)).toContain('doubt: The feed came to 19 messages a second (20 planned).');
  });

  test('nodes that share a core', () => {
    expect(doubtsOf([WEBSOCKET, { ...WEBSOCKET, ...ON_THREE }])).toEqual([
      'doubt: WebSocket on 3 nodes: its 3 nodes shared core 0. This shows what the backplane adds, not what machines of their own carry.',
    ]);
  });

  test('another generator is a second opinion, and in no ranking', () => {
    const second = changed({ ...WEBSOCKET, medianMs: [0.1, 0.1, 0.1] }, (trial) => ({ ...trial, generator: 'k6' }));
    const generators = { native: { label: 'native', resolutionNs: 1 }, k6: { label: 'k6', resolutionNs: 1000 } };
    expect(answerTo([WEBSOCKET, POLLING, second], { generators }).verdict[0]).toMatch(/^WebSocket was 353/);
    expect(doubtsOf([WEBSOCKET, POLLING, second], { generators })).toEqual([
      'doubt: What k6 measured is a second opinion and in no ranking: the answer is what the generator native saw.',
    ]);
  });

  test('predictions that are off, the largest residual first', () => {
    const [text] = answerTo([WEBSOCKET]).doubts.map((doubt) => doubt.text);
    expect(text).toMatch(
      /^2 of 3 predictions are off by more than 15 %: median staleness of WebSocket \(\+2\d\d\.\d %, in the generator\)/,
    );
  });
});
