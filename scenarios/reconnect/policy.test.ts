import * as fc from 'fast-check';
import { Manager } from 'socket.io-client';
import { expect, test, vi } from 'vitest';
import { seededRandom } from '../feed/random.ts';
import type { SessionEnd } from '../session-end.ts';
import { isFinal, nextWaitMs, RECONNECT_POLICIES, reconnectPolicy, type ReconnectPolicyId } from './policy.ts';

const IDS = Object.keys(RECONNECT_POLICIES) as ReconnectPolicyId[];

/** The waits before tries that all fail, by a chance that is always the same. */
function waits(id: ReconnectPolicyId, chance: number, count: number): (number | undefined)[] {
  const list: (number | undefined)[] = [];
  for (let tries = 0; tries < count; tries++) {
    list.push(nextWaitMs(reconnectPolicy(id), { tries, waitedMs: list.at(-1) ?? 0 }, () => chance));
  }
  return list;
}

test.each([
  ['guide', 0, [1000, 2000, 4000, 8000, 16_000, 30_000, 30_000]],
  ['guide', 0.5, [1100, 2200, 4400, 8800, 17_600, 33_000, 33_000]],
  ['bare', 0.5, [1000, 2000, 4000, 8000, 16_000, 30_000, 30_000]],
  ['full', 0, [0, 0]],
  ['full', 0.5, [500, 1000, 2000, 4000, 8000, 15_000, 15_000]],
  ['equal', 0.5, [750, 1500, 3000, 6000, 12_000, 22_500, 22_500]],
  ['decorrelated', 0, [1000, 1000, 1000]],
  ['decorrelated', 0.5, [2000, 3500, 5750]],
  ['decorrelated', 0.999, [2998, 8986, 26_932, 30_000]],
  ['eventsource', 0.5, [3000, 3000, 3000, 3000]],
] as const)('%s, chance %d: how long it waits before each try', (id, chance, expected) => {
  expect(waits(id, chance, expected.length).map((wait) => Math.round(wait ?? -1))).toEqual(expected);
});

test('the guide’s client gives up after ten tries, the others never', () => {
  for (const id of IDS) {
    const policy = reconnectPolicy(id);
    const after = (tries: number): number | undefined => nextWaitMs(policy, { tries, waitedMs: 1 }, () => 0.5);
    expect([id, after(9) !== undefined, after(10) !== undefined]).toEqual([id, true, id !== 'guide']);
    expect(after(5000) === undefined || Number.isFinite(after(5000))).toBe(true);
  }
});

test('Socket.IO’s waits are those of its library, chance by chance', () => {
  const manager = new Manager('http://127.0.0.1:1', { autoConnect: false });
  const { backoff: library } = manager as unknown as { backoff: { duration(): number; reset(): void } };
  const chances = Array.from({ length: 200 }, (_, index) => seededRandom(index)());
  const seen = vi.spyOn(Math, 'random');
  for (const [index, chance] of chances.entries()) {
    if (index % 8 === 0) library.reset();
    seen.mockReturnValueOnce(chance);
    const own = nextWaitMs(reconnectPolicy('socketio'), { tries: index % 8, waitedMs: 0 }, () => chance);
    expect(own).toBe(library.duration());
  }
  seen.mockRestore();
  // It caps after the jitter: from the fifth try on there is none.
  expect(waits('socketio', 0.07, 6).slice(4)).toEqual([5000, 5000]);
});

test('no wait is negative or longer than its cap with its jitter', () => {
  const tried = fc.record({ tries: fc.nat(9), waitedMs: fc.integer({ min: 0, max: 30_000 }) });
  fc.assert(
    fc.property(fc.constantFrom(...IDS), tried, fc.nat(), (id, before, seed) => {
      const policy = reconnectPolicy(id);
      const wait = nextWaitMs(policy, before, seededRandom(seed)) ?? Number.NaN;
      expect(wait).toBeGreaterThanOrEqual(0);
      expect(wait).toBeLessThanOrEqual(policy.capMs * 1.2);
    }),
  );
});

test.each([
  [{ code: 'websocket-close', closeCode: 1000 }, IDS],
  [{ code: 'websocket-close', closeCode: 4001, text: 'expired' }, IDS],
  [{ code: 'http-status', status: 401, text: 'Unauthorized' }, IDS],
  [{ code: 'socketio-packet', packet: 'connect-error' }, IDS],
  [{ code: 'websocket-close', closeCode: 1001 }, []],
  [{ code: 'websocket-close', closeCode: 1012 }, []],
  [{ code: 'websocket-close', closeCode: 1006 }, []],
  [{ code: 'connection-closed' }, []],
  [{ code: 'unreachable', system: 'ECONNREFUSED' }, []],
  [{ code: 'silent' }, []],
  [{ code: 'http-status', status: 503 }, ['eventsource']],
  [{ code: 'protocol', cause: 'content-type' }, ['eventsource']],
  [{ code: 'socketio-packet', packet: 'disconnect' }, ['socketio']],
] as const satisfies readonly (readonly [SessionEnd, readonly ReconnectPolicyId[]])[])(
  'after %j who does not come back',
  (end, final) => {
    expect(IDS.filter((id) => isFinal(reconnectPolicy(id), end))).toEqual(final);
  },
);
