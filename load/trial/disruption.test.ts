import { expect, test } from 'vitest';
import { parseFault } from '../../scenarios/faults.ts';
import { disruptionSchema } from '../../scenarios/result/disruption.ts';
import type { CarriedOutFault } from '../fleet/faults.ts';
import type { Absence } from '../subscribers/absences.ts';
import { disruptionOf } from './disruption.ts';

const ORIGIN_NS = 1000e9;
const SECOND = 1e9;
const STRUCK = { originNs: ORIGIN_NS, backplane: 'redis' } as const;

function carriedOut(text: string, atS: number, undoneS: number | null = null): CarriedOutFault {
  const undoneNs = undoneS === null ? null : ORIGIN_NS + undoneS * SECOND;
  return { fault: parseFault(text), node: 3, doneNs: ORIGIN_NS + atS * SECOND, undoneNs };
}

function absence(droppedS: number, changes: Partial<Absence> = {}): Absence {
  return {
    end: { code: 'connection-closed' },
    node: 3,
    droppedNs: ORIGIN_NS + droppedS * SECOND,
    tries: 1,
    backNs: ORIGIN_NS + (droppedS + 1) * SECOND,
    caughtUpNs: ORIGIN_NS + (droppedS + 1.5) * SECOND,
    oldestMissedNs: 1.4 * SECOND,
    ...changes,
  };
}

test('without a fault nothing was disrupted', () => {
  expect(disruptionOf([], [absence(3)], STRUCK)).toBeNull();
});

test('who was dropped by a fault, who is back, and when', () => {
  const gone = absence(5, { backNs: null, caughtUpNs: null, oldestMissedNs: null, tries: 10, end: { code: 'silent' } });
  const late = absence(7, { tries: 3, oldestMissedNs: 2.5 * SECOND });
  const disruption = disruptionOf([carriedOut('kill-node@2s', 5)], [absence(5), late, gone, absence(5)], STRUCK);
  const [episode] = disruption?.episodes ?? [];
  expect(episode).toMatchObject({
    fault: { kind: 'kill-node' },
    node: 3,
    doneNs: 5 * SECOND,
    undoneNs: null,
    dropped: 4,
    neverBack: 1,
    tries: 15,
    mostConnectsPerSecond: 20,
    oldestMissedNs: 2.5 * SECOND,
    ends: [
      { end: { code: 'connection-closed' }, count: 3 },
      { end: { code: 'silent' }, count: 1 },
    ],
  });
  const at = (times: readonly (number | null)[] = []): unknown[] => [50, 75, 76, 100].map((percent) => times[percent]);
  expect(at(episode?.connectedNs)).toEqual([SECOND, 3 * SECOND, null, null]);
  expect(at(episode?.caughtUpNs)).toEqual([1.5 * SECOND, 3.5 * SECOND, null, null]);
  expect(disruptionSchema.parse(disruption)).toEqual(disruption);
});

test('an absence is of the last fault before it; what ended before the first is of none', () => {
  const faults = [carriedOut('stop-redis@7s+1s', 10, 11), carriedOut('kill-node@2s', 5)];
  const disruption = disruptionOf(faults, [absence(4), absence(6), absence(9.9), absence(10)], STRUCK);
  expect(disruption?.episodes.map(({ fault, dropped, undoneNs }) => [fault.kind, dropped, undoneNs])).toEqual([
    ['kill-node', 2, null],
    ['stop-redis', 1, 11 * SECOND],
  ]);
});

test('who was at another node was not dropped by its death', () => {
  const faults = [
    { ...carriedOut('kill-node:2@1s', 1), node: 2 },
    { ...carriedOut('kill-node:3@1s', 1.001), node: 3 },
    { ...carriedOut('stop-redis@1s+1s', 1.002, 2), node: null },
  ];
  const absences = [absence(1.1, { node: 2 }), absence(1.2, { node: 2 }), absence(1.1), absence(1.3, { node: 1 })];
  const { episodes = [] } = disruptionOf(faults.toReversed(), absences, STRUCK) ?? {};
  // By the order in which they were ordered, whichever was done first.
  expect(episodes.map(({ fault, node, dropped }) => [fault.kind, node, dropped])).toEqual([
    ['stop-redis', null, 1],
    ['kill-node', 2, 2],
    ['kill-node', 3, 1],
  ]);
});

test('a node that was up again by then is not what Redis did', () => {
  const faults = [{ ...carriedOut('stop-node@1s+1s', 1, 2) }, { ...carriedOut('stop-redis@3s+1s', 3, 4), node: null }];
  const { episodes = [] } = disruptionOf(faults, [absence(1.5), absence(3.5)], STRUCK) ?? {};
  expect(episodes.map(({ dropped }) => dropped)).toEqual([1, 1]);
});

test('a fault that nobody felt has nobody back, at no time', () => {
  const [episode] = disruptionOf([carriedOut('stop-redis@7s+1s', 10, 11)], [], STRUCK)?.episodes ?? [];
  expect(episode).toMatchObject({ dropped: 0, neverBack: 0, oldestMissedNs: null, mostConnectsPerSecond: 0, ends: [] });
  expect(episode?.connectedNs.every((time) => time === null)).toBe(true);
});

test('what was held by who is struck alone is gone, and said', () => {
  const goneOf = (text: string, backplane: 'memory' | 'redis' | 'socketio-redis') =>
    disruptionOf([carriedOut(text, 5)], [], { ...STRUCK, backplane })?.episodes[0]?.gone ?? undefined;
  expect(goneOf('kill-redis@2s', 'redis')).toMatchObject({ held: /numbers/, thereafter: /refuse everything/ });
  expect(goneOf('kill-redis@2s+1s', 'redis')).toEqual(goneOf('kill-redis@2s', 'redis'));
  expect(goneOf('kill-redis@2s', 'socketio-redis')).toMatchObject({ held: /on its way/ });
  expect(goneOf('restart-node@2s', 'memory')).toMatchObject({ thereafter: /another feed/ });
  // What stands still has all that it had, and of a log that others have too nothing is gone.
  expect(goneOf('stop-redis@2s+1s', 'redis')).toBeUndefined();
  expect(goneOf('kill-node@2s', 'redis')).toBeUndefined();
});
