import { expect, test } from 'vitest';
import { Recorder } from '../../scenarios/measures/recording.ts';
import { NS_PER_MS, NS_PER_SECOND } from '../../scenarios/units.ts';
import { NOTHING_SAID } from '../subscribers/audit.ts';
import { ToldClients } from './told-clients.ts';

const WALL_OFFSET_MS = 1_700_000_000_000;

/** Message n is due at 200 n − 100 ms. */
const feed = {
  feed: { kind: 'fixed', messagesPerSecond: 5 },
  payload: { kind: 'stock-prices', bytes: 200 },
  seed: 1,
  durationNs: 2 * NS_PER_SECOND,
  messages: 10,
} as const;

/** A message that was due at its time, and published and received 1 ms and 3 ms later. */
function figuresOf(seq: number, dueMs = 200 * seq - 100): number[] {
  return [seq, dueMs * NS_PER_MS, (dueMs + 1) * NS_PER_MS, 200, WALL_OFFSET_MS + dueMs + 3];
}

function openClients(count: number): { clients: ToldClients; recorder: Recorder } {
  const clients = new ToldClients(
    Array.from({ length: count }, (_, client) => client),
    { wallOffsetMs: WALL_OFFSET_MS, feed },
    () => undefined,
  );
  const recorder = new Recorder({ originNs: 0, binNs: NS_PER_SECOND, count: 2 });
  clients.record(recorder, 0);
  for (let client = 0; client < count; client++) clients.take({ kind: 'opened', client, atMs: WALL_OFFSET_MS });
  return { clients, recorder };
}

test('deliveries and answers go into the bins of their moments, times on the monotonic clock', () => {
  const { clients, recorder } = openClients(1);
  const answers = [2, WALL_OFFSET_MS + 1303, 0, WALL_OFFSET_MS + 1400];
  clients.take({ kind: 'seen', client: 0, messages: [...figuresOf(1), ...figuresOf(7)], answers });
  const [first, second] = recorder.snapshot();
  expect(first?.counters).toEqual({ deliveries: 1, payloadBytes: 200 });
  expect(second?.counters).toEqual({ deliveries: 1, payloadBytes: 200, answers: 2, emptyAnswers: 1 });
  expect(first?.histograms.staleness?.sumNs).toBeCloseTo(3 * NS_PER_MS, -4);
  expect(first?.histograms.delivery?.sumNs).toBeCloseTo(2 * NS_PER_MS, -4);
});

test('each client is audited by itself', () => {
  const { clients } = openClients(2);
  const seqs = [1, 3, 2, 2, 6];
  clients.take({ kind: 'seen', client: 0, messages: seqs.flatMap((seq) => figuresOf(seq)), answers: [] });
  clients.take({ kind: 'notice', client: 1, notice: { notice: 'gap', from: 1, to: 5 } });
  clients.take({ kind: 'foreign', client: 1, words: 'the server sent text' });
  // What is said to be gone may come all the same.
  expect(clients.allHave(1)).toBe(false);
  expect(clients.audit(6)).toEqual({
    subscribers: 2,
    expected: 12,
    received: 5,
    lost: 2 + 6,
    declaredLost: 5,
    leftOut: 0,
    duplicated: 1,
    reordered: 1,
    corrupted: null,
    misplaced: 0,
    foreign: 1,
    ...NOTHING_SAID,
  });
});

test('a body under another number than its own is misplaced, and has no latency', () => {
  const { clients, recorder } = openClients(1);
  const messages = [...figuresOf(1), ...figuresOf(2, 100), ...figuresOf(3), ...figuresOf(900, 900)];
  clients.take({ kind: 'seen', client: 0, messages, answers: [] });
  expect(clients.audit(3)).toMatchObject({ expected: 3, received: 4, lost: 1, misplaced: 2, duplicated: 0 });
  const [first] = recorder.snapshot();
  expect(first?.counters.deliveries).toBe(4);
  expect(first?.histograms.staleness?.count).toBe(2);
});

test('all have a message once the last of them has it', () => {
  const { clients } = openClients(2);
  clients.take({ kind: 'seen', client: 0, messages: [...figuresOf(1), ...figuresOf(2)], answers: [] });
  clients.take({ kind: 'seen', client: 1, messages: figuresOf(1), answers: [] });
  expect([clients.allHave(1), clients.allHave(2)]).toEqual([true, false]);
});

test('a session that ended is no longer open, and its end is counted', () => {
  const { clients } = openClients(2);
  expect(clients.allOpen).toBe(true);
  for (const client of [0, 1])
    clients.take({ kind: 'ended', client, end: { code: 'silent' }, atMs: WALL_OFFSET_MS + 1 });
  expect(clients.open).toBe(0);
  expect(clients.ends).toEqual([{ end: { code: 'silent' }, count: 2 }]);
});

test('a client that was not planned is a fault of ours', () => {
  const { clients } = openClients(1);
  expect(() => clients.take({ kind: 'foreign', client: 7, words: '' })).toThrow('client 7');
});
