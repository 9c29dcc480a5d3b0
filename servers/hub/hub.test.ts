import { afterEach, expect, test, vi } from 'vitest';
import { encodeBody, HeaderReader } from '../../scenarios/feed/message.ts';
import { LatestLog } from '../feed/latest-log.ts';
import { Log } from '../feed/log.ts';
import { MemoryConversation } from '../backplane/memory-conversation.ts';
import { Hub, type Member, type MemberEvents } from './hub.ts';

afterEach(() => vi.useRealTimers());

interface Stand {
  readonly hub: Hub;
  readonly log: Log;
  /** What the log holds: channel, sender, n and data of each. */
  said(): unknown[];
}

function openStand(): Stand {
  const log = new Log({ messages: 100, bytes: 1e6 });
  const conversation = new MemoryConversation({
    append: (body) => {
      log.append(log.latest + 1, body);
      return log.latest;
    },
    latest: () => log.latest,
    onSignal: (signal) => hub.tell(signal),
    mostSenders: 100,
  });
  const hub = new Hub({ log, conversation, newest: undefined, verifier: undefined, awayMs: 60_000 });
  const reader = new HeaderReader();
  return {
    hub,
    log,
    said: () =>
      log.since({ kind: 'after', seq: 0 }).map((entry) => {
        reader.read(entry);
        const { channel, from, n } = reader.origin() ?? {};
        return [channel, from, n, JSON.parse(reader.data().toString()) as unknown];
      }),
  };
}

function events(told: string[] = []): MemberEvents {
  return {
    joined: (channel) => told.push(`joined ${channel}`),
    left: (channel) => told.push(`left ${channel}`),
    signal: (bytes) => told.push(bytes.toString()),
    expired: () => told.push('expired'),
  };
}

function enter({ hub }: Stand, user: string, told?: string[]): Member {
  return hub.enter({ user, expiresAtMs: undefined }, new Set([`user:${user}`]), events(told));
}

const text = (channel: string, n?: number) =>
  ({ type: 'send', channel, data: 'hello', ...(n !== undefined && { n }) }) as const;

test('where the newest of each key is delivered, whoever follows other channels gets nothing of the feed', () => {
  const log = new Log({ messages: 100, bytes: 1e6 });
  const newest = new LatestLog(log, { messages: 100, bytes: 1e6, windowMs: 1000, rule: { kind: 'data', fields: 1 } });
  const hub = new Hub({ log, conversation: undefined, newest, verifier: undefined, awayMs: 60_000 });
  const memberOf = (user: string, ...channels: string[]) =>
    hub.enter({ user, expiresAtMs: undefined }, new Set([`user:${user}`, ...channels]), events());
  const ann = memberOf('ann', 'room:1');
  const ben = memberOf('ben', 'feed');
  const heard: number[] = [];
  ann.log.follow(() => heard.push(0));
  ben.log.follow(() => heard.push(ben.log.latest));
  for (const price of [1, 2, 3]) log.append(price, encodeBody(0, 0, `{"symbol":"A","price":${price}}`));
  expect(ann.log.since({ kind: 'oldest' })).toEqual([]);
  expect(ann.log.next(0)).toBeUndefined();
  expect(hub.visit({ identity: ann.identity, channels: ann.channels, tab: '' }).log.since({ kind: 'oldest' })).toEqual(
    [],
  );
  // The first at once; what is held back in the window goes out when somebody asks.
  const held = ben.log.since({ kind: 'oldest' }).map((entry) => JSON.parse(entry.toString()) as unknown);
  expect(held).toMatchObject([{ seq: 3 }]);
  expect(heard).toEqual([1, 3]);
  expect(hub.log.latest).toBe(3);
});

test('a user comes and goes once, however many connections there are', async () => {
  const stand = openStand();
  const tabs = [enter(stand, 'ann'), enter(stand, 'ann')];
  expect(await stand.hub.welcome({ user: 'ann', expiresAtMs: undefined })).toMatchObject({ online: 1, latest: 1 });
  for (const tab of tabs) tab.leave();
  const change = (type: string) => ({ type, user: 'ann' });
  expect(stand.said()).toEqual([
    ['presence', 'node:1', 1, change('user_joined')],
    ['presence', 'node:1', 2, change('user_left')],
  ]);
});

test('what is said again under its number is in the log once', async () => {
  const stand = openStand();
  const member = enter(stand, 'ann');
  expect(await member.obey(text('room:1', 1))).toEqual({ seq: 2 });
  expect(await member.obey(text('room:1', 2))).toEqual({ seq: 3 });
  expect(await member.obey(text('room:1', 2))).toEqual({ seq: 3, again: true });
  expect(await member.obey(text('room:1', 1))).toEqual({ seq: null, again: true });
  expect(await member.obey(text('room:1', 4))).toMatchObject({ reason: 'out-of-order' });
  expect(stand.said().slice(1)).toEqual([
    ['room:1', 'ann', 1, 'hello'],
    ['room:1', 'ann', 2, 'hello'],
  ]);
});

test('who says no number has the next one', async () => {
  const stand = openStand();
  const member = enter(stand, 'ann');
  await Promise.all([text('room:1'), text('room:1'), text('room:2')].map(async (command) => member.obey(command)));
  expect(stand.said().slice(1)).toEqual([
    ['room:1', 'ann', 1, 'hello'],
    ['room:1', 'ann', 2, 'hello'],
    ['room:2', 'ann', 1, 'hello'],
  ]);
});

test('what belongs to others may not be followed, and what nodes say may not be said', async () => {
  const stand = openStand();
  const member = enter(stand, 'ann');
  for (const channel of ['feed', 'presence'])
    expect(await member.obey(text(channel))).toMatchObject({ reason: 'forbidden' });
  expect(await member.obey({ type: 'join', channel: 'user:ben' })).toMatchObject({ reason: 'forbidden' });
  expect(await member.obey({ type: 'leave', channel: 'user:ann' })).toMatchObject({ reason: 'forbidden' });
  expect(await stand.hub.obey({ user: undefined, expiresAtMs: undefined }, text('room:1'))).toMatchObject({
    reason: 'forbidden',
  });
});

test('joining and leaving tell the number from which they count', async () => {
  const stand = openStand();
  const told: string[] = [];
  const member = enter(stand, 'ann', told);
  await member.obey(text('room:1'));
  expect(await member.obey({ type: 'join', channel: 'room:1' })).toEqual({ seq: 2 });
  await member.obey(text('room:1'));
  expect(await member.obey({ type: 'leave', channel: 'room:1' })).toEqual({ seq: 3 });
  expect(told).toEqual(['joined room:1', 'left room:1']);
});

test('who writes is told to those who follow the channel', async () => {
  const stand = openStand();
  const told: string[] = [];
  const other: string[] = [];
  const ann = enter(stand, 'ann', told);
  enter(stand, 'ben', other);
  await ann.obey({ type: 'join', channel: 'room:1' });
  await ann.obey({ type: 'typing', channel: 'room:1' });
  expect(told.slice(1)).toEqual([JSON.stringify({ signal: 'typing', channel: 'room:1', from: 'ann' })]);
  expect(other).toEqual([]);
});

test('whose right ends is told so, and may say nothing from then on', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] });
  const stand = openStand();
  const told: string[] = [];
  const identity = { user: 'ann', expiresAtMs: Date.now() + 1000 };
  const member = stand.hub.enter(identity, new Set(['user:ann']), events(told));
  expect(await member.obey(text('room:1'))).toEqual({ seq: 2 });
  vi.advanceTimersByTime(999);
  expect(told).toEqual([]);
  vi.advanceTimersByTime(1);
  expect(told).toEqual(['expired']);
  for (const command of [text('room:1'), { type: 'join', channel: 'room:1' } as const])
    expect(await member.obey(command)).toMatchObject({ reason: 'forbidden' });
  expect(await stand.hub.obey(identity, text('room:1'))).toMatchObject({ reason: 'forbidden' });
});

test('who left before is told nothing', () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] });
  const told: string[] = [];
  const identity = { user: 'ann', expiresAtMs: Date.now() + 1000 };
  openStand()
    .hub.enter(identity, new Set(['user:ann']), events(told))
    .leave();
  vi.advanceTimersByTime(10_000);
  expect(told).toEqual([]);
});
