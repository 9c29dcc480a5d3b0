import { expect, test } from 'vitest';
import { Absences } from './absences.ts';

const END = { code: 'connection-closed' } as const;

test('an absence has its drop, its tries, its return, and the age of what was missed', () => {
  const absences = new Absences();
  const client = absences.ofClient();
  client.dropped(END, 100, 2);
  client.tries();
  client.tries();
  client.back(500, false);
  expect(client.isCatchingUp).toBe(true);
  client.message({ dueNs: 150, receivedNs: 510 }, false);
  client.message({ dueNs: 300, receivedNs: 515 }, false);
  client.message({ dueNs: 490, receivedNs: 520 }, true);
  expect(client.isCatchingUp).toBe(false);
  expect(absences.all).toEqual([
    { end: END, node: 2, droppedNs: 100, tries: 2, backNs: 500, caughtUpNs: 520, oldestMissedNs: 360 },
  ]);
});

test('a message that was read before its client was told that it is back came no sooner', () => {
  const absences = new Absences();
  const client = absences.ofClient();
  client.dropped(END, 100, 1);
  client.back(500, false);
  client.message({ dueNs: 150, receivedNs: 490 }, true);
  expect(absences.all[0]).toMatchObject({ backNs: 500, caughtUpNs: 500, oldestMissedNs: 340 });
});

test('who has missed nothing has caught up at once', () => {
  const absences = new Absences();
  const client = absences.ofClient();
  client.dropped(END, 100, 2);
  client.back(500, true);
  expect(client.isCatchingUp).toBe(false);
  expect(absences.all[0]).toMatchObject({ backNs: 500, caughtUpNs: 500, oldestMissedNs: null });
});

test('a client that drops again has two absences, and makes up for both at once', () => {
  const absences = new Absences();
  const client = absences.ofClient();
  client.dropped(END, 100, 2);
  client.back(500, false);
  client.dropped({ code: 'silent' }, 600, null);
  expect(client.isCatchingUp).toBe(false);
  expect(absences.all).toMatchObject([
    { droppedNs: 100, backNs: 500, caughtUpNs: null },
    { end: { code: 'silent' }, node: null, droppedNs: 600, backNs: null, caughtUpNs: null },
  ]);
  client.back(900, false);
  client.message({ dueNs: 800, receivedNs: 950 }, true);
  expect(absences.all).toMatchObject([
    { backNs: 500, caughtUpNs: 950 },
    { backNs: 900, caughtUpNs: 950 },
  ]);
});

test('what a message published after its return tells is no miss', () => {
  const absences = new Absences();
  const client = absences.ofClient();
  client.dropped(END, 100, 2);
  client.back(500, false);
  client.message({ dueNs: 600, receivedNs: 700 }, true);
  expect(absences.all[0]).toMatchObject({ caughtUpNs: 700, oldestMissedNs: null });
});
