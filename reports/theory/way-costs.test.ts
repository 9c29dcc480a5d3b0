import { runInNewContext } from 'node:vm';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { type CostModel, costScript, type Demand, offersOf, type Way } from './way-costs.ts';

const PUSH: Way = {
  key: 'push',
  name: 'Push',
  cadence: 'push',
  messageBytes: 284,
  extraBytes: 136,
  cpuNs: 20_000,
  messagesPerAnswer: 1,
  intervalNs: 0,
};
const HELD: Way = { ...PUSH, key: 'held', name: 'Held', cadence: 'held', extraBytes: 1045, cpuNs: 34_000 };
/** H = 901 and three segments, of one message. */
const POLL: Way = {
  ...PUSH,
  key: 'poll',
  name: 'Poll',
  cadence: 'interval',
  extraBytes: 901 + 3 * 66,
  cpuNs: 67_000,
  intervalNs: 1e9,
};
const MODEL: CostModel = { delayNs: 200_000, clients: 200, messagesPerSecond: 1, ways: [PUSH, HELD, POLL] };
const MEASURED: Demand = { messagesPerSecond: 1, clients: 200, withinNs: 0.95e9 + 200_000 };

function offer(name: string, demand: Partial<Demand> = {}, model = MODEL): ReturnType<typeof offersOf>[number] {
  const found = offersOf(model, { ...MEASURED, ...demand }).find((one) => one.name === name);
  if (found === undefined) throw new Error(`${name} makes no offer`);
  return found;
}

test('where it was measured, a way costs what was measured', () => {
  expect(offer('Push')).toMatchObject({ bytesPerSecond: 420, cpuNsPerSecond: 20_000, cores: 1, reach: 1 });
  expect(offer('Held')).toMatchObject({ bytesPerSecond: 284 + 1045, cpuNsPerSecond: 34_000, cores: 1, reach: 1 });
  const poll = offer('Poll');
  expect(poll.intervalNs).toBeCloseTo(1e9, 0);
  expect(poll.bytesPerSecond).toBeCloseTo(284 + 1099);
  expect(poll.cpuNsPerSecond).toBeCloseTo(67_000);
});

test('clients poll as rarely as 95 of 100 messages may be old, and not at all where that cannot be', () => {
  expect(offer('Poll', { withinNs: 5e9 + 200_000 }).intervalNs).toBeCloseTo(5e9 / 0.95, 0);
  const names = offersOf(MODEL, { ...MEASURED, withinNs: 500_000 }).map(({ name }) => name);
  expect(names).toEqual(['Push']);
});

test('polling takes fewer bytes than pushing from (H + 3h) ÷ (f + 2h) messages an answer on', () => {
  const atOf = (messages: number): boolean => {
    const demand = { messagesPerSecond: (messages / offer('Poll').intervalNs) * 1e9 };
    return offer('Poll', demand).bytesPerSecond < offer('Push', demand).bytesPerSecond;
  };
  const crossover = 1099 / 136;
  // Beyond the first segment each 1,448 B of an answer take another 115 B.
  const more = (66 * 1.75 * 284) / 1448;
  expect(atOf(crossover)).toBe(false);
  expect(atOf((1.3 * 1099) / (136 - more))).toBe(true);
});

test('a core has as many clients as its time allows, and those that get a message in turn are done in time', () => {
  // 0.7 s of a core a second, 20 µs each.
  expect(offer('Push', { messagesPerSecond: 100, clients: 350 }).cores).toBe(1);
  expect(offer('Push', { messagesPerSecond: 100, clients: 351 }).cores).toBe(2);
  // (20 − 0.2) ms ÷ (0.95 × 20 µs) = 1,042.
  expect(offer('Push', { withinNs: 20e6, clients: 1042 }).cores).toBe(1);
  expect(offer('Push', { withinNs: 20e6, clients: 1043 }).cores).toBe(2);
});

test('how far it is from what was measured: the furthest of rate, clients and interval', () => {
  expect(offer('Push', { messagesPerSecond: 4 }).reach).toBe(4);
  expect(offer('Push', { messagesPerSecond: 0.25, clients: 100 }).reach).toBe(4);
  expect(offer('Poll', { clients: 2000, withinNs: 0.95 * 5e9 + 200_000 }).reach).toBeCloseTo(10);
});

test('of several intervals of one transport the nearest is what is asked', () => {
  const slow: Way = { ...POLL, key: 'slow', intervalNs: 10e9, cpuNs: 90_000, messagesPerAnswer: 10 };
  const model = { ...MODEL, ways: [POLL, slow] };
  expect(offer('Poll', { withinNs: 1e9 }, model).key).toBe('poll');
  expect(offer('Poll', { withinNs: 8e9 }, model).key).toBe('slow');
});

test('the page has the same functions: their text says the same of any demand', () => {
  const context: { feedbench?: { offersOf: typeof offersOf } } = {};
  runInNewContext(costScript(), context);
  const demands = fc.record({
    messagesPerSecond: fc.double({ min: 0.01, max: 1000, noNaN: true }),
    clients: fc.integer({ min: 1, max: 1_000_000 }),
    withinNs: fc.double({ min: 1e5, max: 1e11, noNaN: true }),
  });
  fc.assert(
    fc.property(demands, (demand) => {
      // Objects of another realm have other prototypes.
      expect(structuredClone(context.feedbench?.offersOf(MODEL, demand))).toEqual(offersOf(MODEL, demand));
    }),
  );
});
