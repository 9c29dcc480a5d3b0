import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Audience } from '../feed/audience.ts';
import { Attendance } from './attendance.ts';
import type { MemberEvents } from './hub.ts';
import { Visits } from './visits.ts';

const ann = { user: 'ann', tab: '' };
const ROOM = new Set(['room:1']);

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

interface Stand {
  readonly visits: Visits;
  readonly attendance: Attendance;
  readonly members: Audience<MemberEvents>;
  readonly told: string[];
  readonly tell: (channel: string, text: string) => void;
}

function openStand(): Stand {
  const told: string[] = [];
  const attendance = new Attendance({
    arrive: (user) => void told.push(`+${user}`),
    depart: (user) => void told.push(`-${user}`),
    snapshot: async () => ({ seq: 0, users: [] }),
    online: async () => 0,
  });
  const members = new Audience<MemberEvents>();
  return {
    visits: new Visits({ attendance, members }),
    attendance,
    members,
    told,
    tell: (channel, text) => {
      for (const member of members.in(channel)) member.signal(Buffer.from(text));
    },
  };
}

test('who polls stays for as long as the last poll said', () => {
  const { visits, told } = openStand();
  expect(visits.see(ann, ROOM, 1000)?.polls).toBe(1);
  vi.advanceTimersByTime(900);
  expect(visits.see(ann, ROOM, 1000)?.polls).toBe(2);
  vi.advanceTimersByTime(900);
  visits.see(ann, ROOM, 200);
  vi.advanceTimersByTime(199);
  expect(told).toEqual(['+ann']);
  vi.advanceTimersByTime(1);
  expect(told).toEqual(['+ann', '-ann']);
  expect(visits.see(ann, ROOM, 1000)?.polls).toBe(1);
});

test('one tab that goes takes no other with it', () => {
  const { visits, told } = openStand();
  const tab = { user: 'ann', tab: 'two' };
  visits.see(ann, ROOM, 1000);
  visits.see(tab, ROOM, 1000);
  visits.end(ann);
  visits.end(ann);
  expect(told).toEqual(['+ann']);
  visits.end(tab);
  expect(told).toEqual(['+ann', '-ann']);
});

test('who holds a connection besides stays with it', () => {
  const { visits, attendance, told } = openStand();
  visits.see(ann, ROOM, 1000);
  attendance.enter('ann');
  vi.advanceTimersByTime(1000);
  expect(told).toEqual(['+ann']);
  attendance.leave('ann');
  expect(told).toEqual(['+ann', '-ann']);
});

test('what is said to who is there waits for the next poll, the newest of it, and of what is asked for now', () => {
  const { visits, tell } = openStand();
  const visit = visits.see(ann, ROOM, 1000);
  const taken = (): string[] => visit?.takeSignals().map(String) ?? [];
  tell('room:1', 'one');
  tell('room:2', 'other');
  expect(taken()).toEqual(['one']);
  expect(taken()).toEqual([]);
  expect(visits.see(ann, new Set(['room:2']), 1000)).toBe(visit);
  for (let index = 0; index < 100; index++) tell('room:2', `${index}`);
  tell('room:1', 'no longer');
  expect(taken()).toEqual(Array.from({ length: 32 }, (_, index) => `${68 + index}`));
});

test('a poll that is held is told at once', () => {
  const { visits, tell } = openStand();
  const visit = visits.see(ann, ROOM, 1000);
  let told = 0;
  visit?.watch(() => (told += 1));
  tell('room:1', 'one');
  visit?.watch(undefined);
  tell('room:1', 'two');
  expect(told).toBe(1);
  expect(visit?.takeSignals()).toHaveLength(2);
});

test('nothing is kept of who is gone, and nobody is awaited after the close', () => {
  const { visits, members, told } = openStand();
  visits.see(ann, ROOM, 1000);
  vi.advanceTimersByTime(1000);
  expect(members.size + members.in('room:1').size).toBe(0);
  visits.see(ann, ROOM, 1000);
  visits.close();
  expect(vi.getTimerCount()).toBe(0);
  expect(told).toEqual(['+ann', '-ann', '+ann']);
});
