import { expect, test } from 'vitest';
import type { Result } from '../../../scenarios/result/result.ts';
import { answerTo, changed, LONG_POLLING, POLLING, STREAM, WEBSOCKET } from '../../testing/answered-variants.ts';
import type { ExactVariant } from '../../testing/exact-campaign.ts';
import { sampleResult } from '../../testing/sample-result.ts';

/** Of a message in the samples. */
const PAYLOAD_BYTES = 300;

/** For each message that is delivered. */
interface Carried {
  /** Besides messages. */
  readonly down: number;
  readonly up: number;
  readonly said?: number;
  readonly answers?: number;
  readonly emptyShare?: number;
}

function carrying(variant: ExactVariant, { down, up, said = 0, answers, emptyShare = 0 }: Carried): ExactVariant {
  return changed(variant, (trial) => {
    const { deliveries = [] } = trial.countersPerBin;
    const each = (amount: number): number[] => deliveries.map((count) => amount * count);
    const asked = answers === undefined ? {} : { answers: each(answers), emptyAnswers: each(answers * emptyShare) };
    const carried = {
      transportBytesDown: each(PAYLOAD_BYTES + down),
      transportBytesUp: each(up),
      acknowledged: each(said),
      ...asked,
    };
    return { ...trial, countersPerBin: { ...trial.countersPerBin, ...carried } };
  });
}

function textOf(variants: readonly ExactVariant[], overrides: Partial<Result> = {}): string {
  const { verdict, reasons } = answerTo(variants, overrides);
  return [...verdict, ...reasons].join('\n');
}

const LISTENING = carrying({ ...WEBSOCKET, wireBytes: 420 }, { down: 4, up: 0 });
const SPEAKING = carrying({ ...WEBSOCKET, wireBytes: 420 }, { down: 13, up: 39, said: 0.22 });

/** As if a Stream were Server-Sent Events. */
function streamTransports(): Result['transports'] {
  const { websocket, ...others } = sampleResult().transports;
  if (websocket?.cadence !== 'push') throw new TypeError('the sample has a WebSocket');
  const framing = [{ fromBytes: 0, addsBytes: 24 }];
  return { ...others, websocket, Stream: { ...websocket, label: 'Stream', framing, commandsBy: 'requests' } };
}

test('what clients say is no framing, and both ways are told', () => {
  const stream = carrying({ ...STREAM, wireBytes: 613 }, { down: 76, up: 167, said: 0.194 });
  const text = textOf([SPEAKING, stream], { transports: streamTransports() });
  expect(text).toContain(
    ': what clients say goes by requests of its own and takes 167 B upstream for each message with Stream (861 B a command), 39.0 B with WebSocket; answers to it and whatever else comes besides messages take 76.0 B downstream, 13.0 B with WebSocket.',
  );
  expect(text).not.toContain('framing');
  expect(textOf([SPEAKING, stream])).toContain(': what clients say takes 167 B upstream for each message with Stream');
});

test('where clients ask as well, requests of both kinds are told together', () => {
  const held = carrying({ ...LONG_POLLING, wireBytes: 1500 }, { down: 170, up: 900, said: 0.5 });
  const text = textOf([SPEAKING, held]);
  expect(text).toContain(
    ': what clients say and ask for takes 900 B upstream for each message with HTTP long-polling (600 B a request), 39.0 B with WebSocket; answers to it',
  );
  expect(text).not.toContain('headers');
});

test('what is sent again in a state is no header', () => {
  const asking = { answers: 0.9, emptyShare: 0.24 };
  const naive = carrying({ ...POLLING, wireBytes: 1200 }, { down: 174, up: 552, ...asking });
  const values = { deliver: 'latest', ask: 'etag' } as const;
  const states = (down: number): ExactVariant =>
    carrying({ ...POLLING, values, wireBytes: 1300 + down }, { down, up: 595, ...asking });
  const text = textOf([naive, states(1914)]);
  expect(text).toContain(
    ': the state is sent whole, what a client has already too: 2,460 B come for a poll in the mean, of which 333 B are new messages.',
  );
  expect(text).not.toContain('headers');
  // Requests are told from states; where they are most of it, they are it.
  const rare = textOf([LISTENING, states(500)]);
  expect(rare).toContain('24 % of polls come back empty, each with a request of 661 B');
});

test('framing is what the protocol adds, and what comes beside it is something else', () => {
  const transports = streamTransports();
  const framed = carrying({ ...STREAM, wireBytes: 443 }, { down: 26, up: 0 });
  expect(textOf([LISTENING, framed], { transports })).toContain(': the framing of Stream adds 26.0 B to each message.');
  const alive = carrying({ ...STREAM, wireBytes: 495 }, { down: 60.5, up: 15 });
  expect(textOf([LISTENING, alive], { transports })).toContain(
    ': signs of life, handshakes and whatever else is no message take 51.5 B for each message with Stream, its framing 24 B.',
  );
});

test('of what is compressed nothing is called framing or headers', () => {
  const values = { compression: 'deflate' } as const;
  const deflated = carrying({ ...STREAM, values, wireBytes: 240 }, { down: -180, up: 0 });
  const text = textOf([LISTENING, deflated]);
  expect(text).toContain(
    ': 304 B come downstream for a message with WebSocket, 120 B with Stream (compressed by deflate).',
  );
  expect(text).not.toMatch(/framing|headers/);
  const gzipped = carrying(
    { ...POLLING, values: { compression: 'gzip' }, wireBytes: 900 },
    { down: -100, up: 600, answers: 0.9, emptyShare: 0.24 },
  );
  expect(textOf([LISTENING, gzipped])).toContain('24 % of polls come back empty, each with a request of 667 B');
});

test('polls that come back empty explain no more CPU than another way to poll takes that has as many', () => {
  const polled = (
    headers: 'browser' | 'minimal',
    medianMs: readonly number[],
    cpuUs: readonly number[],
  ): ExactVariant =>
    carrying({ ...POLLING, values: { headers }, medianMs, cpuUs }, { down: 10, up: 20, answers: 0.9, emptyShare: 0.5 });
  const { reasons } = answerTo([
    polled('browser', [500, 501, 502], [12.5, 12.6, 12.8]),
    { ...POLLING, values: { pollIntervalNs: 9e9 }, medianMs: [4500, 4510, 4520], wireBytes: 300 },
    polled('minimal', [800, 801, 802], [30, 30.1, 30.2]),
  ]);
  const text = reasons.find((reason) => reason.includes('minimal'));
  expect(text).toMatch(/times the server CPU\.$/);
});
