import { userChannel } from './channels.ts';
import { derivedRandom, type Random } from './random.ts';
import { OwnNumbers, type SaidMessage, type Script, type Typing, userName, type Visit } from './script.ts';
import { messagesOfTurns, streamSeed, type Turn } from './turns.ts';
import { NS_PER_SECOND } from '../units.ts';
import type { ConversationFeed } from './kinds/feed-schemas.ts';

/** What a conversation follows from. */
export interface ConversationOptions {
  readonly feed: ConversationFeed;
  readonly clients: number;
  readonly seed: number;
  readonly durationNs: number;
}

/** Stream numbers, apart from those of turns.ts. */
const SPEAKERS = -6;
const VISITS = -7;
/** Of the turns of a client that visits a room, the share that it speaks there. */
const SPEAKS_THERE = 0.5;

export function planConversation(options: ConversationOptions): Script<number> {
  const { feed, seed, durationNs } = options;
  const visits = visitsOf(options);
  const settings = new Settings(options, visits);
  const numbers = new OwnNumbers();
  const messages: SaidMessage<number>[] = [];
  const typings: Typing[] = [];
  for (const { offsetNs, turn } of messagesOfTurns(feed, seed)) {
    if (offsetNs >= durationNs) break;
    const { sender, channel, isShown } = settings.of(turn);
    if (isShown && offsetNs === turn.messagesNs[0]) typings.push({ offsetNs: turn.startNs, sender, channel });
    messages.push({ index: messages.length, offsetNs, sender, channel, n: numbers.next(channel, sender) });
  }
  return { messages, typings, visits };
}

/** The room that a client follows from start to end. */
export function homeRoom({ roomSize }: ConversationFeed, client: number): string {
  return roomName(Math.floor(client / roomSize));
}

function roomName(room: number): string {
  return `room:${room}`;
}

/** Visits in the order in which they begin. Whoever is somewhere already goes nowhere else. */
function visitsOf({ feed, clients, seed, durationNs }: ConversationOptions): Visit[] {
  const { visitsPerSecond, visitSeconds, roomSize } = feed;
  const rooms = Math.ceil(clients / roomSize);
  if (rooms < 2 || visitsPerSecond === 0) return [];
  const random = derivedRandom(seed, VISITS);
  const busyUntilNs = new Map<number, number>();
  const visits: Visit[] = [];
  let elapsedSeconds = 0;
  for (;;) {
    elapsedSeconds -= Math.log(1 - random()) / visitsPerSecond;
    const joinNs = Math.round(elapsedSeconds * NS_PER_SECOND);
    if (joinNs >= durationNs) return visits;
    const client = below(random, clients);
    const other = 1 + below(random, rooms - 1);
    const leaveNs = joinNs + Math.round((0.5 + random()) * visitSeconds * NS_PER_SECOND);
    if ((busyUntilNs.get(client) ?? 0) >= joinNs) continue;
    busyUntilNs.set(client, leaveNs);
    const home = Math.floor(client / roomSize);
    visits.push({
      client,
      channel: roomName((home + other) % rooms),
      joinNs,
      leaveNs: leaveNs < durationNs ? leaveNs : undefined,
    });
  }
}

interface Setting {
  readonly sender: number;
  readonly channel: string;
  /** Whether the others see that somebody writes. */
  readonly isShown: boolean;
}

/** Who has a turn, and where. */
class Settings {
  readonly #options: ConversationOptions;
  readonly #seed: number;
  readonly #visits: ReadonlyMap<number, readonly Visit[]>;
  readonly #known = new WeakMap<Turn, Setting>();

  constructor(options: ConversationOptions, visits: readonly Visit[]) {
    this.#options = options;
    this.#seed = streamSeed(options.seed, SPEAKERS);
    this.#visits = Map.groupBy(visits, ({ client }) => client);
  }

  of(turn: Turn): Setting {
    const known = this.#known.get(turn) ?? this.#choose(turn);
    this.#known.set(turn, known);
    return known;
  }

  #choose({ number, startNs }: Turn): Setting {
    const { feed, clients } = this.#options;
    const random = derivedRandom(this.#seed, number);
    const chance = (share: number): boolean => random() < share;
    const sender = below(random, clients);
    const other = (sender + 1 + below(random, clients - 1)) % clients;
    const isShown = chance(feed.typingShare);
    const isDirect = chance(feed.directShare);
    const room = chance(SPEAKS_THERE) ? this.#visitedRoom(sender, startNs) : undefined;
    return { sender, isShown, channel: isDirect ? userChannel(userName(other)) : (room ?? homeRoom(feed, sender)) };
  }

  #visitedRoom(client: number, atNs: number): string | undefined {
    const visits = this.#visits.get(client) ?? [];
    return visits.find(({ joinNs, leaveNs = Number.POSITIVE_INFINITY }) => joinNs <= atNs && atNs < leaveNs)?.channel;
  }
}

/** A whole number from 0 on, below `count`; 0 where there is none. */
function below(random: Random, count: number): number {
  return Math.floor(random() * count);
}
