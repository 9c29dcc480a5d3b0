import { describe, expect, test } from 'vitest';
import type { MeasuredTrial, Result, Trial } from '../../../scenarios/result/result.ts';
import { exactCampaign, type ExactVariant } from '../../testing/exact-campaign.ts';
import { failedTrial } from '../../testing/sample-result.ts';
import { buildReport } from '../report.ts';
import { type Answer, answerOf } from './answer.ts';

const WEBSOCKET: ExactVariant = {
  like: 'websocket',
  medianMs: [1.36, 1.66, 1.27],
  wireBytes: 420,
  cpuUs: [14.2, 14.6, 14.9],
};
const COPY: ExactVariant = { ...WEBSOCKET, copy: true, medianMs: [1.58, 1.67, 1.42] };
const STREAM: ExactVariant = {
  ...WEBSOCKET,
  transport: 'Stream',
  medianMs: [1.4, 1.6, 1.3],
  wireBytes: 441,
  cpuUs: [14.5, 15, 14.4],
};
const LONG_POLLING: ExactVariant = {
  like: 'long-polling',
  medianMs: [3.07, 2.49, 2.24],
  wireBytes: 1329,
  cpuUs: [42, 42.6, 43.1],
};
const POLLING: ExactVariant = {
  like: 'polling',
  medianMs: [501.5, 500.4, 502],
  wireBytes: 345,
  cpuUs: [12.5, 12.6, 12.8],
};
/** Of what one node used. */
function third(process: MeasuredTrial['processes'][number]): MeasuredTrial['processes'][number] {
  return { ...process, cpuNsPerBin: process.cpuNsPerBin.map((cpuNs) => cpuNs / 3) };
}

/** On three nodes that run on one core. */
const ON_THREE: Partial<ExactVariant> = {
  backplane: 'redis',
  values: { nodes: 3 },
  change: (trial) => ({
    ...trial,
    processes: trial.processes.flatMap((process) => {
      const pinned = { ...process, cores: process.role === 'worker' ? [1] : [0] };
      return process.role === 'node' ? [pinned, pinned, pinned].map(third) : [pinned];
    }),
  }),
};

function answer(variants: readonly ExactVariant[], overrides: Partial<Result> = {}): Answer {
  return answerOf(buildReport(exactCampaign(variants, overrides)));
}

/** Without what is said of predictions: these trials are made up of figures that fit no law. */
function doubts(variants: readonly ExactVariant[], overrides: Partial<Result> = {}): string[] {
  return answer(variants, overrides)
    .doubts.map(({ kind, text }) => `${kind}: ${text}`)
    .filter((text) => !text.includes('off by more than'));
}

function single(variant: ExactVariant): ExactVariant {
  return { ...variant, medianMs: variant.medianMs.slice(0, 1) };
}

function changed(variant: ExactVariant, change: (trial: MeasuredTrial, block: number) => Trial): ExactVariant {
  return { ...variant, change };
}

/** In those blocks the hypervisor took 1 % of a core and as many more as the block's number. */
function stolen(variant: ExactVariant, blocks: readonly number[]): ExactVariant {
  return changed(variant, (trial, block) => {
    const perBin = trial.countersPerBin.stolenTime?.map(() => (0.01 + block / 100) * 1e9) ?? [];
    return blocks.includes(block)
      ? { ...trial, countersPerBin: { ...trial.countersPerBin, stolenTime: perBin } }
      : trial;
  });
}

const HISTORY = (['interval', 'prompt'] as const).flatMap((classId) =>
  ['staleness.p50', 'cpu.server'].map((metric) => ({
    classId,
    metric,
    windowNs: 20e9,
    sd: 0.11,
    degrees: 20,
    betweenSessionsSd: null,
    measuredAt: '2025-11-25T10:00:00.000Z',
  })),
);

describe('the verdict', () => {
  test('answer, size, absolutes, costs and reason', () => {
    expect(answer([WEBSOCKET, COPY, LONG_POLLING, POLLING])).toMatchObject({
      verdict: [
        'WebSocket was 353 (292 to 426) times fresher than HTTP polling every 2 s (1.42 ms against 501 ms) for 1.22 times the bytes (420 B against 345 B a message): 41 messages share one polled answer.',
        'WebSocket took 1.15 (1.11 to 1.19) times the server CPU (14.6 µs against 12.6 µs a message).',
      ],
      reasons: [
        'HTTP long-polling was 1.81 times staler than WebSocket (1.40 to 2.35; 2.58 ms against 1.42 ms) for 3.16 times the bytes and 2.92 (2.86 to 2.99) times the server CPU: each held answer carries 850 B of headers for one message.',
      ],
    });
  });

  test('what was not told apart comes first, and the best seen stands for it', () => {
    expect(answer([WEBSOCKET, STREAM, POLLING])).toMatchObject({
      verdict: [
        'WebSocket and Stream were not told apart; WebSocket, the best seen, was 353 (261 to 476) times fresher than HTTP polling every 2 s (1.42 ms against 501 ms) for 1.22 times the bytes (420 B against 345 B a message): 41 messages share one polled answer.',
        'WebSocket took 1.15 (1.11 to 1.20) times the server CPU (14.6 µs against 12.6 µs a message).',
      ],
      reasons: [
        'Stream and WebSocket: in freshness no difference found (1.005, 0.855 … 1.18); one of ×1.20 would have been, 4 times in 5. Stream took 1.05 times the bytes: TCP/IP and its ACKs add 137 B to a message of Stream, 116 B to one of WebSocket.',
      ],
    });
  });

  test('where all were not told apart, what would have been', () => {
    expect(answer([WEBSOCKET, STREAM])).toMatchObject({
      verdict: [
        'WebSocket and Stream were not told apart in freshness (1.42 ms and 1.43 ms): no difference found (1.005, 0.918 … 1.10); one of ×1.12 would have been, 4 times in 5.',
        'WebSocket took the fewest bytes, 0.952 times those of Stream (420 B against 441 B a message): TCP/IP and its ACKs add 137 B to a message of Stream, 116 B to one of WebSocket.',
      ],
      reasons: [],
    });
  });

  test('where one thing was not like itself, the verdict says so', () => {
    const control = [
      { ...WEBSOCKET, medianMs: [1.36, 1.36, 1.37] },
      { ...COPY, medianMs: [1.58, 1.57, 1.58] },
    ];
    expect(answer([...control, POLLING]).verdict.at(-1)).toBe(
      'But the same variant measured twice differed by 1.16 times.',
    );
  });

  test('a cost below 1 is no price', () => {
    expect(answer([WEBSOCKET, LONG_POLLING]).verdict[0]).toBe(
      'WebSocket was 1.81 (1.09 to 3.03) times fresher than HTTP long-polling (1.42 ms against 2.58 ms) at 0.316 times the bytes (420 B against 1,329 B a message): each held answer carries 850 B of headers for one message.',
    );
  });

  test('one trial each, and no history: bytes alone are ranked', () => {
    expect(answer([WEBSOCKET, LONG_POLLING, POLLING].map(single))).toMatchObject({
      verdict: [
        'One trial each: only bytes can be compared.',
        'HTTP polling every 2 s took the fewest bytes, 0.821 times those of WebSocket (345 B against 420 B a message): 41 messages share one polled answer.',
        'Median staleness, not ranked: 1.36 ms with WebSocket, 3.07 ms with HTTP long-polling and 502 ms with HTTP polling every 2 s.',
      ],
      reasons: [
        'HTTP long-polling took 3.85 times the bytes of HTTP polling every 2 s (1,329 B against 345 B a message): each held answer carries 850 B of headers for one message.',
      ],
    });
  });

  test('one trial each, and a history: the noise floor and its date', () => {
    expect(answer([WEBSOCKET, LONG_POLLING, POLLING].map(single), { noise: HISTORY }).verdict).toEqual([
      'WebSocket was 369 (269 to 505) times fresher than HTTP polling every 2 s (1.36 ms against 502 ms) for 1.22 times the bytes (420 B against 345 B a message): 41 messages share one polled answer.',
      'In server CPU: within noise (floor of 25 Nov 2025: ×1.48).',
      'But these are single trials (floor of 25 Nov 2025: ×1.37).',
    ]);
  });

  test('one trial each, and a difference inside the floor', () => {
    expect(answer([WEBSOCKET, STREAM].map(single), { noise: HISTORY }).verdict[0]).toBe(
      'WebSocket and Stream were not told apart in freshness (1.36 ms and 1.40 ms): within noise (floor of 25 Nov 2025: ×1.38).',
    );
  });

  test.each([
    [
      'three trials',
      WEBSOCKET,
      'With WebSocket the median message was 1.42 ms old when a client could read it (3 trials, 1.27 ms to 1.66 ms), for 420 B on the wire and 14.6 µs of server CPU a message.',
    ],
    [
      'one trial',
      single(WEBSOCKET),
      'With WebSocket the median message was 1.36 ms old when a client could read it (one trial), for 420 B on the wire and 14.2 µs of server CPU a message.',
    ],
  ])('one variant alone, %s: its figures, and that nothing is ranked', (_, variant, text) => {
    expect(answer([variant]).verdict).toEqual([text, 'Nothing else was measured beside it, so nothing is ranked.']);
  });

  test.each([
    ['no trial', answer([single(WEBSOCKET)], { trials: [] })],
    ['failed ones alone', answer([changed(single(WEBSOCKET), ({ variant }) => failedTrial(variant))])],
  ])('%s: nothing could be measured', (_, { verdict, reasons, tiles }) => {
    expect({ verdict, reasons, tiles }).toEqual({ verdict: ['Nothing could be measured.'], reasons: [], tiles: [] });
  });

  test('a median of too few messages ranks nothing, and is marked', () => {
    const few = [WEBSOCKET, POLLING].map((variant) => changed(variant, (trial) => ({ ...trial, dueInWindow: 2 })));
    expect(answer(few).verdict).toEqual([
      'Only bytes can be compared: HTTP polling, memory: 6 messages support no percentile.',
      'HTTP polling every 2 s took the fewest bytes, 0.821 times those of WebSocket (345 B against 420 B a message): 41 messages share one polled answer.',
      'Median staleness, not ranked: ≈ 1.42 ms with WebSocket and ≈ 501 ms with HTTP polling every 2 s.',
    ]);
  });

  test('suspect trials are in the sentence that rests on them', () => {
    const { verdict } = answer([WEBSOCKET, stolen(POLLING, [1, 2]), LONG_POLLING]);
    expect(verdict[0]).toContain('(1.42 ms against 501 ms; depends on 2 suspect trials)');
    expect(verdict.at(-1)).toBe('But 2 of the 6 trials behind this are suspect.');
  });

  test('a variant of which every trial is suspect wins nothing', () => {
    const { verdict, tiles } = answer([stolen(WEBSOCKET, [1, 2, 3]), POLLING, LONG_POLLING]);
    expect(verdict.at(-1)).toBe('But every trial of WebSocket is suspect, so this is not to be ranked.');
    expect(tiles.map(({ title, winners }) => [title, winners.map(({ name }) => name)])).toEqual([
      ['Freshness', []],
      ['Bytes', ['HTTP polling every 2 s']],
      ['Server CPU', ['HTTP polling every 2 s']],
      ['Memory', []],
    ]);
    expect(tiles[0]?.doubts).toContain('Not to be ranked, every trial suspect: WebSocket.');
    expect(tiles[0]?.claim).toMatch(/^WebSocket: [\d.]+ .*times fresher than /);
    expect(tiles[0]?.doubts).toContain('3 trials of WebSocket are suspect.');
    expect(tiles[0]?.dots.map(({ isSuspect }) => isSuspect)).toEqual([true, false, false]);
  });

  test('a variant that failed its audit is not quoted without that', () => {
    const lossy = changed(LONG_POLLING, (trial) => ({ ...trial, audit: { ...trial.audit, lost: 1 } }));
    expect(answer([WEBSOCKET, lossy]).verdict.at(-1)).toBe('But HTTP long-polling failed the audit.');
  });

  test('places are named where there are several, and nodes that share a core are said', () => {
    const [websocket, polling] = [WEBSOCKET, POLLING].map((variant) => ({ ...variant, ...ON_THREE }));
    const away = [
      { ...WEBSOCKET, ...websocket, medianMs: [2.6, 2.8, 2.7] },
      { ...POLLING, ...polling },
    ];
    expect(answer([WEBSOCKET, POLLING, ...away])).toMatchObject({
      verdict: [
        expect.stringMatching(/^On one node, WebSocket was 353 .* than HTTP polling every 2 s \(/),
        expect.stringMatching(/^WebSocket took/),
      ],
      reasons: [
        'WebSocket on 3 nodes was 1.90 times staler than WebSocket on one node (1.42 to 2.53; 2.70 ms against 1.42 ms).',
        '1 more variant stands in the table.',
      ],
    });
    expect(answer([WEBSOCKET, ...away.slice(0, 1)]).verdict).toEqual([
      'WebSocket on one node was 1.90 (1.42 to 2.53) times fresher than WebSocket on 3 nodes (1.42 ms against 2.70 ms), with no difference found in bytes.',
      'In server CPU: no difference found (1.00, 0.998 … 1.002); one of ×1.002 would have been, 4 times in 5.',
      'But the nodes of WebSocket on 3 nodes share cores.',
    ]);
  });

  test('variants of one transport are called by what tells them apart', () => {
    const slower = { ...POLLING, medianMs: [1001, 1002, 1000], wireBytes: 330, cpuUs: [10, 10.1, 10.1] };
    expect(answer([{ ...POLLING, values: { pollIntervalNs: 1e9 } }, slower]).verdict[0]).toBe(
      'HTTP polling every 1 s was 2.00 (1.98 to 2.01) times fresher than HTTP polling every 2 s (501 ms against 1.00 s) for 1.05 times the bytes (345 B against 330 B a message): TCP/IP and its ACKs add 22.5 B to a message of HTTP polling every 1 s, 7.50 B to one of HTTP polling every 2 s.',
    );
    const binary = { ...WEBSOCKET, values: { frames: 'binary' }, medianMs: [1.2, 1.6, 1.2], wireBytes: 380 };
    expect(answer([WEBSOCKET, binary]).verdict[0]).toMatch(
      /^WebSocket \(binary frames\) and WebSocket were not told apart in freshness/,
    );
  });

  test('without bytes the verdict goes without them, and the doubts say why', () => {
    const source = { kind: 'n/a', reason: 'no private network: unshare is not allowed' } as const;
    const blind = [WEBSOCKET, POLLING].map((variant) =>
      changed(variant, (trial) => ({
        ...trial,
        sources: { ...trial.sources, wireBytesDown: source, wireBytesUp: source },
      })),
    );
    expect(answer(blind).verdict[0]).toBe(
      'WebSocket was 353 (250 to 498) times fresher than HTTP polling every 2 s (1.42 ms against 501 ms).',
    );
    expect(doubts(blind)).toEqual(['doubt: No wire bytes per message: no private network: unshare is not allowed.']);
  });
});

test('tiles: who is first, by how much to the next, and what to doubt', () => {
  const { tiles } = answer([WEBSOCKET, COPY, LONG_POLLING, POLLING]);
  expect(
    tiles.map(({ title, winners, claim, doubts: own }) => [title, winners.map(({ name }) => name), claim, own]),
  ).toEqual([
    [
      'Freshness',
      ['WebSocket'],
      '1.81 (1.40 to 2.35) times fresher than HTTP long-polling. At p99 WebSocket was first.',
      ['Log scale.'],
    ],
    ['Bytes', ['HTTP polling every 2 s'], '0.821 times the 420 B of WebSocket.', []],
    [
      'Server CPU',
      ['HTTP polling every 2 s'],
      '0.867 (0.839 to 0.897) times the 14.6 µs of WebSocket.',
      ['Idle time included.'],
    ],
    [
      'Memory',
      ['HTTP polling every 2 s', 'HTTP long-polling', 'WebSocket'],
      'None was told from the best; one ×1.002 of it would have been, 4 times in 5.',
      [],
    ],
  ]);
  expect(tiles[0]?.dots.map(({ name, text, rangeText, upper }) => [name, text, rangeText, upper?.text])).toEqual([
    ['WebSocket', '1.42 ms', '1.27 ms to 1.66 ms', '2.81 ms'],
    ['HTTP long-polling', '2.58 ms', '2.24 ms to 3.07 ms', '5.11 ms'],
    ['HTTP polling every 2 s', '501 ms', '500 ms to 502 ms', '993 ms'],
  ]);
});

describe('doubts', () => {
  test('who is left out of the ranking, and why', () => {
    const late = changed(LONG_POLLING, (trial) => ({
      ...trial,
      window: { ...trial.window, firstBin: trial.window.firstBin + 5 },
    }));
    const told = answer([WEBSOCKET, COPY, late, POLLING]);
    expect(told.verdict[0]).toContain('WebSocket');
    const left = told.doubts.filter(({ text }) => text.includes('is not ranked'));
    expect(left).toEqual([
      { kind: 'doubt', text: expect.stringMatching(/^HTTP long-polling is not ranked: /) as string },
    ]);
    expect(told.reasons.join(' ')).not.toContain('is not ranked');
  });

  test('an undisturbed campaign has none', () => {
    expect(doubts([WEBSOCKET, COPY, LONG_POLLING, POLLING])).toEqual([]);
  });

  test('suspect trials are told once a reason, with the least and the most that was seen', () => {
    expect(doubts([WEBSOCKET, stolen(POLLING, [1, 2]), stolen(LONG_POLLING, [3])])).toEqual([
      "doubt: 3 of 9 trials are suspect, of HTTP polling every 2 s (2) and HTTP long-polling (1): the hypervisor ran other machines for 2.0 to 4.0 % of a core's time, more than 1 % (measure again at a calmer hour, or on a machine with cores of its own).",
    ]);
    expect(doubts([WEBSOCKET, stolen(POLLING, [1, 2, 3])])).toContain(
      'doubt: Not to be ranked but by bytes: HTTP polling every 2 s. Every trial of it is suspect.',
    );
    expect(doubts([stolen(single(WEBSOCKET), [1])])[0]).toMatch(/^doubt: The one trial is suspect: the hypervisor/);
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
      doubts([
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
    expect(doubts([WEBSOCKET, once])).toContain(
      'wrong: HTTP polling every 2 s could not be measured in 1 trial of 3: Redis stopped answering: "connection, refused".',
    );
  });

  test('a run that was stopped says what is missing', () => {
    const cut = changed(POLLING, (trial, block) => ({ ...trial, partial: block === 3 }));
    expect(doubts([WEBSOCKET, cut], { partial: true, plannedTrials: 8 }).slice(0, 2)).toEqual([
      'doubt: This run is partial: it was stopped early. 2 trials of 8 did not start. HTTP polling every 2 s was cut short.',
      'doubt: Block 3 is not whole and counts in no comparison.',
    ]);
  });

  test('one trial each', () => {
    expect(doubts([WEBSOCKET, POLLING].map(single))).toContain(
      'doubt: One trial each: how much these figures vary by chance, this run cannot tell.',
    );
  });

  test('a trial that is unlike its siblings counts, and is told', () => {
    const five = (medianMs: readonly number[], cpuUs: number): Partial<ExactVariant> => ({
      medianMs,
      cpuUs: medianMs.map(() => cpuUs),
    });
    expect(
      doubts([
        { ...WEBSOCKET, ...five([1.36, 1.37, 1.36, 1.38, 2.9], 14) },
        { ...POLLING, ...five([501, 501, 500, 502, 501], 12) },
      ]),
    ).toEqual(['doubt: Trial 5 of WebSocket is unlike its siblings in staleness p50 (×2.13); it counts.']);
  });

  test('percentiles that too few messages support', () => {
    const few = [WEBSOCKET, POLLING].map((variant) => changed(variant, (trial) => ({ ...trial, dueInWindow: 280 })));
    expect(doubts(few)[0]).toBe(
      'doubt: ≈ marks percentiles that too few messages support, which rank nothing: of a variant, 840 messages support percentiles up to 98.8.',
    );
  });

  test('a feed that came to another rate than planned', () => {
    const sparse = [WEBSOCKET, POLLING].map((variant) => changed(variant, (trial) => ({ ...trial, dueInWindow: 380 })));
    expect(doubts(sparse)).toContain('doubt: The feed came to 19 messages a second (20 planned).');
  });

  test('nodes that share a core', () => {
    expect(doubts([WEBSOCKET, { ...WEBSOCKET, ...ON_THREE }])).toEqual([
      'doubt: WebSocket on 3 nodes: its 3 nodes shared core 0. This shows what the backplane adds, not what machines of their own carry.',
    ]);
  });

  test('another generator is a second opinion, and in no ranking', () => {
    const second = changed({ ...WEBSOCKET, medianMs: [0.1, 0.1, 0.1] }, (trial) => ({ ...trial, generator: 'k6' }));
    const generators = { native: { label: 'native', resolutionNs: 1 }, k6: { label: 'k6', resolutionNs: 1000 } };
    expect(answer([WEBSOCKET, POLLING, second], { generators }).verdict[0]).toMatch(/^WebSocket was 353/);
    expect(doubts([WEBSOCKET, POLLING, second], { generators })).toEqual([
      'doubt: What k6 measured is a second opinion and in no ranking: the answer is what the generator native saw.',
    ]);
  });

  test('predictions that are off, the largest residual first', () => {
    const [text] = answer([WEBSOCKET]).doubts.map((doubt) => doubt.text);
    expect(text).toMatch(
      /^2 of 3 predictions are off by more than 15 %: median staleness of WebSocket \(\+2\d\d\.\d %, in the generator\)/,
    );
  });
});
