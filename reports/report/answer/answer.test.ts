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
import { failedTrial } from '../../testing/sample-result.ts';

describe('the verdict', () => {
  test('answer, size, absolutes, costs and reason', () => {
    expect(answerTo([WEBSOCKET, COPY, LONG_POLLING, POLLING])).toMatchObject({
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
    expect(answerTo([WEBSOCKET, STREAM, POLLING])).toMatchObject({
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
    expect(answerTo([WEBSOCKET, STREAM])).toMatchObject({
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
    expect(answerTo([...control, POLLING]).verdict.at(-1)).toBe(
      'But the same variant measured twice differed by 1.16 times.',
    );
  });

  test('a cost below 1 is no price', () => {
    expect(answerTo([WEBSOCKET, LONG_POLLING]).verdict[0]).toBe(
      'WebSocket was 1.81 (1.09 to 3.03) times fresher than HTTP long-polling (1.42 ms against 2.58 ms) at 0.316 times the bytes (420 B against 1,329 B a message): each held answer carries 850 B of headers for one message.',
    );
  });

  test('one trial each, and no history: what is beyond any chance is told, and no interval of it', () => {
    expect(answerTo([WEBSOCKET, LONG_POLLING, POLLING].map(single))).toMatchObject({
      verdict: [
        'WebSocket and HTTP long-polling were not told apart; WebSocket, the best seen, was 369 times fresher than HTTP polling every 2 s (1.36 ms against 502 ms) for 1.22 times the bytes (420 B against 345 B a message): 41 messages share one polled answer.',
        'In server CPU: no difference told (less than ×16.7 is taken for chance).',
        'But these are single trials (less than ×16.7 is taken for chance).',
      ],
      reasons: [
        'HTTP long-polling and WebSocket: in freshness no difference told (less than ×16.7 is taken for chance). HTTP long-polling took 3.16 times the bytes: each held answer carries 850 B of headers for one message.',
      ],
    });
  });

  test('one trial each, and a history: the noise floor and its date', () => {
    expect(answerTo([WEBSOCKET, LONG_POLLING, POLLING].map(single), { noise: HISTORY }).verdict).toEqual([
      'WebSocket was 369 (269 to 505) times fresher than HTTP polling every 2 s (1.36 ms against 502 ms) for 1.22 times the bytes (420 B against 345 B a message): 41 messages share one polled answer.',
      'In server CPU: no difference told (less than ×1.48 is taken for chance).',
      'But these are single trials (less than ×1.37 is taken for chance).',
    ]);
  });

  test('one trial each, and a difference inside the floor', () => {
    expect(answerTo([WEBSOCKET, STREAM].map(single), { noise: HISTORY }).verdict[0]).toBe(
      'WebSocket and Stream were not told apart in freshness (1.36 ms and 1.40 ms): no difference told (less than ×1.38 is taken for chance).',
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
    expect(answerTo([variant]).verdict).toEqual([text, 'Nothing else was measured beside it, so nothing is ranked.']);
  });

  test.each([
    ['no trial', answerTo([single(WEBSOCKET)], { trials: [] })],
    ['failed ones alone', answerTo([changed(single(WEBSOCKET), ({ variant }) => failedTrial(variant))])],
  ])('%s: nothing could be measured', (_, { verdict, reasons, tiles }) => {
    expect({ verdict, reasons, tiles }).toEqual({ verdict: ['Nothing could be measured.'], reasons: [], tiles: [] });
  });

  test('a median of too few messages ranks nothing, and is marked', () => {
    const few = [WEBSOCKET, POLLING].map((variant) => changed(variant, (trial) => ({ ...trial, dueInWindow: 2 })));
    expect(answerTo(few).verdict).toEqual([
      'HTTP polling every 2 s took the fewest bytes, 0.821 times those of WebSocket (345 B against 420 B a message): 41 messages share one polled answer.',
      'But only bytes can be compared: HTTP polling, memory: 6 messages support no percentile.',
      'Median staleness, not ranked: ≈ 1.42 ms with WebSocket and ≈ 501 ms with HTTP polling every 2 s.',
    ]);
  });

  test('suspect trials are in the sentence that rests on them', () => {
    const { verdict } = answerTo([WEBSOCKET, stolen(POLLING, [1, 2]), LONG_POLLING]);
    expect(verdict[0]).toContain('(1.42 ms against 501 ms; depends on 2 suspect trials)');
    expect(verdict.at(-1)).toBe('But 2 of the 6 trials behind this are suspect.');
  });

  test('of two of which every trial is suspect no ratio is told but of bytes', () => {
    const { verdict } = answerTo([WEBSOCKET, POLLING].map((variant) => stolen(variant, [1, 2, 3])));
    expect(verdict).toEqual([
      'HTTP polling every 2 s took the fewest bytes, 0.821 times those of WebSocket (345 B against 420 B a message): 41 messages share one polled answer.',
      'But only bytes can be compared: every trial of WebSocket and HTTP polling every 2 s is suspect.',
      'Median staleness, not ranked: 1.42 ms with WebSocket and 501 ms with HTTP polling every 2 s.',
    ]);
  });

  test('a variant of which every trial is suspect wins nothing', () => {
    const { verdict, tiles } = answerTo([stolen(WEBSOCKET, [1, 2, 3]), POLLING, LONG_POLLING]);
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
    expect(answerTo([WEBSOCKET, lossy]).verdict.at(-1)).toBe('But HTTP long-polling failed the audit.');
  });

  test('places are named where there are several, and nodes that share a core are said', () => {
    const [websocket, polling] = [WEBSOCKET, POLLING].map((variant) => ({ ...variant, ...ON_THREE }));
    const away = [
      { ...WEBSOCKET, ...websocket, medianMs: [2.6, 2.8, 2.7] },
      { ...POLLING, ...polling },
    ];
    expect(answerTo([WEBSOCKET, POLLING, ...away])).toMatchObject({
      verdict: [
        expect.stringMatching(/^On one node, WebSocket was 353 .* than HTTP polling every 2 s \(/),
        expect.stringMatching(/^WebSocket took/),
      ],
      reasons: [
        'WebSocket on 3 nodes was 1.90 times staler than WebSocket on one node (1.42 to 2.53; 2.70 ms against 1.42 ms).',
        '1 more variant stands in the table.',
      ],
    });
    expect(answerTo([WEBSOCKET, ...away.slice(0, 1)]).verdict).toEqual([
      'WebSocket on one node was 1.90 (1.42 to 2.53) times fresher than WebSocket on 3 nodes (1.42 ms against 2.70 ms), with no difference found in bytes.',
      'In server CPU: no difference found (1.00, 0.998 … 1.002); one of ×1.002 would have been, 4 times in 5.',
      'But the nodes of WebSocket on 3 nodes share cores.',
    ]);
  });

  test('variants of one transport are called by what tells them apart', () => {
    const slower = { ...POLLING, medianMs: [1001, 1002, 1000], wireBytes: 330, cpuUs: [10, 10.1, 10.1] };
    expect(answerTo([{ ...POLLING, values: { pollIntervalNs: 1e9 } }, slower]).verdict[0]).toBe(
      'HTTP polling every 1 s was 2.00 (1.98 to 2.01) times fresher than HTTP polling every 2 s (501 ms against 1.00 s) for 1.05 times the bytes (345 B against 330 B a message): TCP/IP and its ACKs add 22.5 B to a message of HTTP polling every 1 s, 7.50 B to one of HTTP polling every 2 s.',
    );
    const binary = { ...WEBSOCKET, values: { frames: 'binary' }, medianMs: [1.2, 1.6, 1.2], wireBytes: 380 };
    expect(answerTo([WEBSOCKET, binary]).verdict[0]).toMatch(
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
    expect(answerTo(blind).verdict[0]).toBe(
      'WebSocket was 353 (250 to 498) times fresher than HTTP polling every 2 s (1.42 ms against 501 ms).',
    );
    expect(doubtsOf(blind)).toEqual(['doubt: No wire bytes per message: no private network: unshare is not allowed.']);
  });
});

test('tiles: who is first, by how much to the next, and what to doubt', () => {
  const { tiles } = answerTo([WEBSOCKET, COPY, LONG_POLLING, POLLING]);
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
