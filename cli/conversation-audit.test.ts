import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { monotonicNs } from '../scenarios/clock.ts';
import { userChannel } from '../scenarios/feed/channels.ts';
import { homeRoom, planConversation } from '../scenarios/feed/conversation.ts';
import { userName } from '../scenarios/feed/script.ts';
import { encodeMessage, encodeSaid, HeaderReader, type Origin } from '../scenarios/feed/message.ts';
import { payloadData } from '../scenarios/feed/payload.ts';
import { readSignal, type Answer } from '../scenarios/feed/signal.ts';
import type { ConversationFeed } from '../scenarios/feed/kinds/feed-schemas.ts';
import { mergeBins, Recorder } from '../scenarios/measures/recording.ts';
import { NS_PER_MS } from '../scenarios/units.ts';
import { MemoryConversation } from '../servers/backplane/memory-conversation.ts';
import { type Entry, Log } from '../servers/feed/log.ts';
import { Hub } from '../servers/hub/hub.ts';
import type { OpenSession } from '../servers/transport.ts';
import { type AuditCounts, mergeAudits } from '../load/subscribers/audit.ts';
import { scriptedOptions, Talkers } from '../load/workers/talkers.ts';

const CLIENTS = 12;
const SEED = 5;
const feed: ConversationFeed = {
  kind: 'conversation',
  messagesPerSecond: 300,
  roomSize: 4,
  burst: 3,
  directShare: 0.2,
  typingShare: 0.5,
  visitsPerSecond: 20,
  visitSeconds: 0.3,
};
const payload = { kind: 'chat-messages', bytes: 150 } as const;
/** People write for half a second and more before the first message is there. */
const DURATION_NS = 1800 * NS_PER_MS;
/** Without a wire a message is with its clients a turn or two after it was said. */
const MOST_TURNS = 100;
const plan = planConversation({ feed, clients: CLIENTS, seed: SEED, durationNs: DURATION_NS });

/** What is done to a message on its way to a client: what the client gets in its place. */
type Spoil = (entry: Entry, to: { readonly user: string; readonly origin: Origin }) => readonly Entry[];

interface Tampering {
  readonly spoil?: Spoil;
  /** What a server answers to a message that it does not take. */
  readonly swallow?: (origin: Origin) => Answer | undefined;
}

/** A server with one log, to which clients are connected without a wire: what comes is sent a turn of the loop later. */
class Server {
  readonly #tampering: Tampering;
  readonly #log = new Log({ messages: 100_000, bytes: 1e9 });
  readonly #hub: Hub;

  constructor(tampering: Tampering) {
    this.#tampering = tampering;
    const log = this.#log;
    const conversation = new MemoryConversation({
      append: (body) => {
        log.append(log.latest + 1, body);
        return log.latest;
      },
      latest: () => log.latest,
      mostSenders: 100_000,
      onSignal: (signal) => this.#hub.tell(signal),
    });
    this.#hub = new Hub({ log, conversation, newest: undefined, verifier: undefined, awayMs: 60_000 });
  }

  readonly openSession: OpenSession = ({ member = { user: 'nobody', channels: [] } }, events) => {
    const { user, channels } = member;
    const reader = new HeaderReader();
    const inside = this.#hub.enter({ user, expiresAtMs: undefined }, new Set([...channels, userChannel(user)]), {
      joined: () => undefined,
      left: () => undefined,
      signal: (bytes) => {
        const signal = readSignal(bytes);
        if (signal !== undefined) events.signal(signal, monotonicNs());
      },
      expired: () => undefined,
    });
    let seq = 0;
    const send = (): void => {
      for (let next = inside.log.next(seq); next !== undefined; next = inside.log.next(seq)) {
        seq = next.seq;
        reader.read(next.entry);
        const origin = reader.origin();
        const { spoil } = this.#tampering;
        const entries =
          origin === undefined || spoil === undefined ? [next.entry] : spoil(next.entry, { user, origin });
        for (const entry of entries) if (reader.read(entry)) events.message(reader, entry.length, monotonicNs());
      }
    };
    const unfollow = this.#log.follow(() => setImmediate(send));
    setImmediate(() => events.opened());
    return {
      bytesRead: 0,
      bytesWritten: 0,
      say: (command, answered) => {
        const said = command.type === 'send' ? { channel: command.channel, from: user, n: command.n ?? 0 } : undefined;
        const swallowed = said === undefined ? undefined : this.#tampering.swallow?.(said);
        const answer = swallowed === undefined ? inside.obey(command) : Promise.resolve(swallowed);
        void answer.then((given) => answered(given, monotonicNs()));
      },
      close: () => {
        unfollow();
        inside.leave();
      },
    };
  };
}

interface Outcome {
  readonly audit: AuditCounts;
  readonly counters: ReturnType<typeof mergeBins>['counters'];
}

/** The conversation between the clients of two processes. */
async function converse(tampering: Tampering = {}): Promise<Outcome> {
  const server = new Server(tampering);
  const processes = [0, 1].map((process) => {
    const clients = Array.from({ length: CLIENTS }, (_, client) => client).filter((client) => client % 2 === process);
    const options = scriptedOptions({
      transport: 'websocket',
      targets: [],
      values: {},
      pollIntervalNs: 1e9,
      feed: { feed, payload, seed: SEED, durationNs: DURATION_NS, messages: plan.messages.length, clients: CLIENTS },
      sessions: clients.map((client) => ({
        client,
        target: { host: 'nowhere', port: 0 },
        pollOriginNs: 0,
        member: { user: userName(client), channels: [homeRoom(feed, client)] },
      })),
    });
    if (options === undefined) throw new TypeError('it is a conversation');
    return new Talkers(options);
  });
  for (const talkers of processes) await talkers.subscribers.ramp(async () => server.openSession);
  const bins = { originNs: monotonicNs(), binNs: 3600e9, count: 1 };
  const recorders = processes.map(() => new Recorder(bins));
  await Promise.all(
    processes.map(async (talkers, index) => {
      const recorder = recorders[index] ?? new Recorder(bins);
      talkers.subscribers.record(recorder, bins);
      await talkers.hold(recorder, bins, () => undefined);
    }),
  );
  const spoken = processes.flatMap((talkers) => talkers.spoken);
  expect(spoken).toHaveLength(plan.messages.length);
  for (let turns = 0; turns < MOST_TURNS && !processes.every(({ subscribers }) => subscribers.allHave(spoken)); turns++)
    await turn();
  const audits = processes.map((talkers) => ({ ...talkers.subscribers.audit(spoken), ...talkers.counts }));
  for (const { subscribers } of processes) subscribers.close();
  return {
    audit: mergeAudits(audits),
    counters: mergeBins(recorders.flatMap((recorder) => recorder.snapshot())).counters,
  };
}

const CLEAN = {
  lost: 0,
  duplicated: 0,
  reordered: 0,
  corrupted: 0,
  misplaced: 0,
  foreign: 0,
  unanswered: 0,
  refused: 0,
};

/** What clients are to get by the schedule, but for visits: a room to each of its members, a direct message to one. */
const FOR_MEMBERS = plan.messages.filter(({ channel }) => channel.startsWith('room:')).length * feed.roomSize;
const DIRECT = plan.messages.filter(({ channel }) => channel.startsWith('user:')).length;

// Who talks waits for its time, so all of them do that beside each other.
test.concurrent('everybody gets what is said where they are, across processes, and knows that it arrived', async () => {
  const { audit, counters } = await converse();
  expect(audit).toMatchObject({ ...CLEAN, subscribers: CLIENTS });
  expect(audit.expected).toBeGreaterThan(FOR_MEMBERS + DIRECT);
  expect(audit.received).toBeGreaterThanOrEqual(audit.expected);
  expect(plan.visits.length).toBeGreaterThan(5);
  expect(counters).toMatchObject({ published: plan.messages.length, acknowledged: plan.messages.length });
  expect(counters.otherCommands).toBe(
    plan.typings.length + plan.visits.length + plan.visits.filter(({ leaveNs }) => leaveNs !== undefined).length,
  );
  expect(counters.signals).toBeGreaterThan(plan.typings.length);
});

/** A message in a room in mid-run, with its sender's next one there, and one who lives there. */
const spoiled = plan.messages.find(
  ({ index, channel, sender, n }) =>
    index > plan.messages.length / 2 &&
    channel === homeRoom(feed, sender) &&
    plan.messages.some((later) => later.sender === sender && later.channel === channel && later.n === n + 1),
);
const VICTIM = userName(Math.floor((spoiled?.sender ?? 0) / feed.roomSize) * feed.roomSize);

function isSpoiled({ channel, from, n }: Origin, ahead = 0): boolean {
  return channel === spoiled?.channel && from === userName(spoiled?.sender ?? -1) && n === (spoiled?.n ?? 0) + ahead;
}

/** Before the last field. */
const IN_TEXT = -30;

describe.concurrent('what a server does to one message of one client is found, and nothing else', () => {
  const flipped = (entry: Entry): Entry => {
    const copy = Buffer.from(entry);
    copy.writeUInt8((copy.at(IN_TEXT) ?? 0) ^ 1, copy.length + IN_TEXT);
    return copy;
  };
  let held: Entry[] = [];
  test.each<[string, Spoil, object]>([
    ['dropped', (entry, { origin }) => (isSpoiled(origin) ? [] : [entry]), { lost: 1 }],
    ['sent twice', (entry, { origin }) => (isSpoiled(origin) ? [entry, entry] : [entry]), { duplicated: 1 }],
    ['damaged', (entry, { origin }) => [isSpoiled(origin) ? flipped(entry) : entry], { corrupted: 1 }],
    [
      'behind the next of its sender',
      (entry, { origin }) => {
        if (isSpoiled(origin)) {
          held = [entry];
          return [];
        }
        return isSpoiled(origin, 1) ? [entry, ...held.splice(0)] : [entry];
      },
      { reordered: 1 },
    ],
    [
      'with the words of another',
      (entry, { origin }) => {
        if (!isSpoiled(origin)) return [entry];
        const reader = new HeaderReader();
        reader.read(entry);
        const { dueNs, publishedNs, seq } = reader;
        const data = payloadData(payload, SEED, 1);
        return [encodeMessage(seq, encodeSaid(origin, { dueNs, publishedNs, data }))];
      },
      { lost: 1, misplaced: 1 },
    ],
  ])('%s', async (_, spoil, found) => {
    const { audit } = await converse({ spoil: (entry, to) => (to.user === VICTIM ? spoil(entry, to) : [entry]) });
    expect(audit).toMatchObject({ ...CLEAN, ...found });
  });
});

test.concurrent('what was acknowledged and never numbered is missed by all who were to hear it', async () => {
  const last = plan.messages.findLast(
    ({ sender, channel, n }) =>
      channel === homeRoom(feed, sender) &&
      plan.messages.every((other) => other.sender !== sender || other.channel !== channel || other.n <= n),
  );
  const { audit } = await converse({
    swallow: ({ channel, from, n }) =>
      channel === last?.channel && from === userName(last.sender) && n === last.n ? { seq: 1e6 } : undefined,
  });
  const guests = plan.visits.filter(({ channel, leaveNs }) => channel === last?.channel && leaveNs === undefined);
  expect(audit).toMatchObject({ ...CLEAN, lost: expect.any(Number) as number });
  expect(audit.lost).toBeGreaterThanOrEqual(feed.roomSize);
  expect(audit.lost).toBeLessThanOrEqual(feed.roomSize + guests.length);
});

test.concurrent('what comes from a room that a client is not in is misplaced', async () => {
  const kept: Entry[] = [];
  const never = Array.from({ length: CLIENTS }, (_, client) => client).find(
    (client) =>
      homeRoom(feed, client) !== spoiled?.channel &&
      plan.visits.every((visit) => visit.client !== client || visit.channel !== spoiled?.channel),
  );
  const stranger = userName(never ?? -1);
  const { audit } = await converse({
    spoil: (entry, { user, origin }) => {
      if (isSpoiled(origin) && user === VICTIM) kept.push(entry);
      return user === stranger ? [entry, ...kept.splice(0)] : [entry];
    },
  });
  expect(audit).toMatchObject({ ...CLEAN, misplaced: 1 });
});
