import { setImmediate as nextTurn, setTimeout } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { monotonicNs } from '../../scenarios/clock.ts';
import type { SaidMessage, Script } from '../../scenarios/feed/script.ts';
import type { Answer } from '../../scenarios/feed/signal.ts';
import { type Bin, mergeBins, Recorder } from '../../scenarios/measures/recording.ts';
import { NS_PER_MS } from '../../scenarios/units.ts';
import type { Session } from '../../servers/transport.ts';
import { ScriptExpectation } from '../subscribers/script-expectation.ts';
import { MemberAudit } from '../subscribers/member-audit.ts';
import { type Speaker, Talk } from './talk.ts';

type Say = NonNullable<Session['say']>;
type Command = Parameters<Say>[0];

const payload = { kind: 'chat-messages', bytes: 150 } as const;
const feed = { kind: 'direct', messagesPerSecond: 1 } as const;

/** Client 0 says three messages in a row, client 1 one between them. */
const messages: SaidMessage[] = [
  { index: 0, offsetNs: 1e6, sender: 0, channel: 'room:0', n: 1 },
  { index: 1, offsetNs: 3e6, sender: 1, channel: 'user:u0', n: 1 },
  { index: 2, offsetNs: 5e6, sender: 0, channel: 'room:0', n: 2 },
  { index: 3, offsetNs: 8e6, sender: 0, channel: 'room:0', n: 3 },
];
const script: Script = {
  messages,
  typings: [{ offsetNs: 0, sender: 0, channel: 'room:0' }],
  visits: [{ client: 1, channel: 'room:1', joinNs: 2e6, leaveNs: 6e6 }],
};

interface Spoken {
  readonly client: number;
  readonly command: Command;
  readonly atNs: number;
}

/** Clients 0 and 1, whose servers answer as `answer` says; undefined: never. */
function talkOf(
  answer: (command: Command) => Answer | undefined,
  { lost = [], originNs = monotonicNs() }: { readonly lost?: readonly number[]; readonly originNs?: number } = {},
) {
  const told: Spoken[] = [];
  const expectation = new ScriptExpectation(script, { feed, payload, seed: 1 });
  const speakerOf = (client: number): Speaker => ({
    session: {
      bytesRead: 0,
      bytesWritten: 0,
      close: () => undefined,
      say: (command, answered) => {
        told.push({ client, command, atNs: monotonicNs() });
        const given = answer(command);
        if (given !== undefined) setImmediate(() => answered(given, monotonicNs()));
      },
    },
    audit: new MemberAudit({ expectation, always: [], numbersOf: () => new Map() }),
    isLost: lost.includes(client),
  });
  const talk = new Talk({
    script,
    payload,
    seed: 1,
    speakers: new Map([0, 1].map((client) => [client, speakerOf(client)])),
  });
  const recorder = new Recorder({ originNs, binNs: 3600e9, count: 1 });
  const turns: number[] = [];
  return {
    talk,
    told,
    held: talk.hold({ originNs, recorder, advance: () => undefined, waited: (turnNs) => turns.push(turnNs) }),
    turns,
    seen: (): Bin => mergeBins(recorder.snapshot()),
  };
}

let seq = 0;
const taken = (): Answer => {
  seq += 1;
  return { seq };
};

test('each client says what is due, when it is due, and never before', async () => {
  const originNs = monotonicNs() + 5 * NS_PER_MS;
  const { told, held } = talkOf(taken, { originNs });
  await held;
  expect(told.map(({ client, command }) => [client, command.type])).toEqual([
    [0, 'typing'],
    [0, 'send'],
    [1, 'join'],
    [1, 'send'],
    [0, 'send'],
    [1, 'leave'],
    [0, 'send'],
  ]);
  const sent = told.flatMap(({ command, atNs }) => (command.type === 'send' ? [{ command, atNs }] : []));
  expect(sent.map(({ command }) => command.dueNs)).toEqual(messages.map(({ offsetNs }) => originNs + offsetNs));
  for (const { command, atNs } of sent) {
    expect(command.publishedNs).toBeGreaterThanOrEqual(command.dueNs ?? 0);
    expect(atNs).toBeGreaterThanOrEqual(command.publishedNs ?? 0);
    expect(JSON.stringify(command.data)).toHaveLength(payload.bytes);
  }
});

test('turns in which it does nothing but wait for the moment are told, and no longer ones', async () => {
  const told: number[] = [];
  // Code that is not warm yet takes longer for a turn, and so does a machine that is busy.
  for (let talk = 0; talk < 50 && told.length < 10; talk++) {
    const { turns, held } = talkOf(taken, { originNs: monotonicNs() + 5 * NS_PER_MS });
    await held;
    told.push(...turns);
  }
  expect(told.length).toBeGreaterThanOrEqual(10);
  expect(Math.max(...told)).toBeLessThan(20_000);
});

test('nobody waits for the end of a turn in which a room hears something', async () => {
  const { talk, told, held } = talkOf(taken);
  const sent = () => told.flatMap(({ command, atNs }) => (command.type === 'send' ? [{ command, atNs }] : []));
  const hear = async (): Promise<number> => {
    const endNs = monotonicNs() + 2000 * NS_PER_MS;
    while (sent().length < messages.length && monotonicNs() < endNs) {
      talk.interject(monotonicNs());
      // As between two sockets that are read: no timer rings, and no other turn begins.
      await Promise.resolve();
    }
    return sent().length;
  };
  await nextTurn();
  expect(await hear()).toBe(messages.length);
  for (const { command, atNs } of sent()) expect(atNs).toBeGreaterThanOrEqual(command.dueNs ?? 0);
  await held;
  expect(told).toHaveLength(7);
});

test('what is heard before anything is due, and after all has been said, makes nobody speak', async () => {
  const originNs = monotonicNs() + 300 * NS_PER_MS;
  const { talk, told, held } = talkOf(taken, { originNs });
  talk.interject(monotonicNs());
  await Promise.resolve();
  expect(told).toEqual([]);
  await held;
  talk.interject(monotonicNs() + 3600e9);
  await Promise.resolve();
  expect(told).toHaveLength(7);
});

test('what is late is said all the same, and its lateness recorded', async () => {
  const { told, held, seen } = talkOf(taken, { originNs: monotonicNs() - 50 * NS_PER_MS });
  await held;
  expect(told).toHaveLength(7);
  const { histograms, counters } = seen();
  expect(histograms.lateness).toMatchObject({ count: 4 });
  expect(histograms.lateness?.minNs).toBeGreaterThan(40 * NS_PER_MS);
  expect(counters).toMatchObject({ published: 4, acknowledged: 4, otherCommands: 3 });
  expect(histograms.acknowledgement?.count).toBe(4);
});

test('it knows the number of each message that was answered, and what had been there before', async () => {
  const answers: Answer[] = [{ seq: 7 }, { seq: null, again: true }, { seq: 9, again: true }, { seq: 11 }];
  const { talk, held, seen } = talkOf((command) => (command.type === 'send' ? answers.shift() : { seq: null }));
  await held;
  expect(talk.spoken).toEqual([
    [0, 7],
    [1, null],
    [2, 9],
    [3, 11],
  ]);
  expect(seen().counters).toMatchObject({ acknowledged: 4, saidAgain: 2 });
  expect(talk.counts).toEqual({ unanswered: 0, refused: 0 });
});

test('what a server does not do is counted, and said once why', async () => {
  const { talk, held } = talkOf((command) =>
    command.type === 'join' ? taken() : { error: `no ${command.type} today`, reason: 'forbidden' },
  );
  await held;
  expect(talk.counts).toEqual({ unanswered: 0, refused: 6 });
  expect(talk.refusal).toBe('typing: no typing today');
  // It was to arrive.
  expect(talk.spoken.map(([index]) => index)).toEqual([0, 1, 2, 3]);
});

test('who is lost says nothing more and is not waited for; what it was to say is expected', async () => {
  const { talk, told, held } = talkOf((command) => (command.type === 'leave' ? undefined : taken()), { lost: [0] });
  const startedNs = monotonicNs();
  const answered = Promise.race([held, setTimeout(1000, 'waiting')]);
  // Client 1 is there, and waits for an answer that never comes.
  expect(await answered).toBe('waiting');
  expect(monotonicNs() - startedNs).toBeGreaterThan(900 * NS_PER_MS);
  expect(told.map(({ client }) => client)).toEqual([1, 1, 1]);
  expect(talk.counts).toEqual({ unanswered: 1, refused: 0 });
  expect(talk.spoken.map(([index, number]) => [index, number === null])).toEqual([
    [0, true],
    [1, false],
    [2, true],
    [3, true],
  ]);
});

test('nothing is said after it was stopped', async () => {
  const { talk, told, held } = talkOf(taken, { originNs: monotonicNs() + 10_000 * NS_PER_MS });
  talk.stop();
  await held;
  expect(told).toEqual([]);
  expect(talk.spoken).toEqual([]);
});
