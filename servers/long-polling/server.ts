import type { FastifyReply } from 'fastify';
import { isListener } from '../answering/caller.ts';
import { routeCommands } from '../answering/commands.ts';
import { routeMessages, welcomeFor } from '../answering/polls.ts';
import { Audience } from '../feed/audience.ts';
import type { Entry, Position, ReadableLog } from '../feed/log.ts';
import { WaitingLog } from '../feed/waiting-log.ts';
import type { Refusal } from '../hub/admission.ts';
import type { Caller, Hub } from '../hub/hub.ts';
import type { Visit } from '../hub/visits.ts';
import { laneOf } from '../http2/lane.ts';
import { Answers, answerOf, type PollAnswer } from '../wire/http-answer.ts';
import type { DoorContext, OpenDoor } from '../transport.ts';
import { HeldPolls } from './held-polls.ts';

const PATH = '/next';
/** Whoever gives up a poll, to ask for other channels, asks again within this time, and was never gone. */
const ASKS_ANEW_MS = 1000;
/** Of a heartbeat, for which a poll of somebody with a name is held at most. */
const HELD_SHARE = 5 / 6;

type Release = () => void;

/**
 * Held polls are answered by the next append in what they follow, by the end of the hold time, or by the drain (RFC 6202,
 * section 2). A connection holds one: whoever asks again without waiting for the answer gets it, and so cannot pile them up; of
 * HTTP/2 a stream does, of which a connection has so many at most.
 */
export const openDoor: OpenDoor = (context) => {
  const door = new LongPollingDoor(context);
  routeMessages(context, PATH, {
    anybody: async (position, reply) => door.answerAnybody(position, reply),
    caller: async (caller, position, reply) => door.answerCaller(caller, position, reply),
  });
  routeCommands(context, PATH);
  return { drain: async () => door.drain() };
};

class LongPollingDoor {
  readonly #held = new HeldPolls();
  readonly #context: DoorContext;
  readonly #hub: Hub;
  readonly #feed: ReadableLog;
  readonly #answers: Answers;
  readonly #anybody = new Set<Release>();
  readonly #callers = new Audience<Release>();
  #draining = false;

  constructor(context: DoorContext) {
    this.#context = context;
    this.#hub = context.hub;
    this.#feed = new WaitingLog(context.hub.feed);
    this.#answers = new Answers(this.#feed);
    context.app.server.prependListener('request', (request) => this.#held.arrived(request));
    context.hub.feed.follow(() => {
      for (const release of this.#anybody) release();
    });
    context.hub.log.follow((entry) => {
      for (const release of this.#callers.of(entry)) release();
    });
  }

  async answerAnybody(position: Position, reply: FastifyReply): Promise<PollAnswer> {
    if (this.#isUpToDate(position)) {
      await this.#held.hold(reply, this.#context.options.holdMs, (release) => {
        this.#anybody.add(release);
        return () => this.#anybody.delete(release);
      });
    }
    return this.#answers.since(position);
  }

  /** From where it is looked for entries to where the poll is held nothing may be waited for: what comes meanwhile releases nobody. */
  async answerCaller(caller: Caller, position: Position, reply: FastifyReply): Promise<PollAnswer | Refusal> {
    const { log: all, visit } = this.#hub.visit(caller, this.#context.options.heartbeatMs);
    const welcome = await welcomeFor(this.#hub, caller, { visit, position });
    if (isListener(this.#hub, caller)) {
      if (welcome.length > 0 || !this.#isUpToDate(position)) return this.#answers.behind(welcome, position);
      return (await this.#next(caller, visit, reply)) ?? this.#answers.since(position);
    }
    const log = new WaitingLog(all);
    const told = (): readonly Entry[] => [...(visit?.takeSignals() ?? []), ...log.since(position)];
    const entries = [...welcome, ...told()];
    if (entries.length > 0 || position.kind === 'oldest' || this.#draining) return answerOf(entries);
    const refusal = await this.#next(caller, visit, reply);
    if (refusal !== undefined) return refusal;
    // Whoever has gone, to ask anew, takes nothing along.
    return answerOf(laneOf(reply.request.raw).destroyed ? [] : told());
  }

  async drain(): Promise<void> {
    this.#draining = true;
    this.#held.releaseAll();
  }

  /** Not the newest number: what is said elsewhere has numbers too. */
  #isUpToDate(position: Position): boolean {
    if (position.kind === 'oldest' || this.#draining) return false;
    const { seq } = position;
    const { latest, oldest } = this.#feed;
    return seq <= latest && seq + 1 >= oldest && this.#feed.next(seq) === undefined;
  }

  /**
   * Waits for what the caller follows, or for what is said to it besides; resolves with why it is no longer let in, if that is so.
   * It is there while its poll is held, which is shorter than a heartbeat, and for a heartbeat after it: a client asks again at
   * once. So one that is gone without a word is found within two.
   */
  async #next(caller: Caller, visit: Visit | undefined, reply: FastifyReply): Promise<Refusal | undefined> {
    const { holdMs, heartbeatMs } = this.#context.options;
    const polls = visit?.polls;
    let refusal: Refusal | undefined;
    await this.#held.hold(reply, Math.min(holdMs, HELD_SHARE * heartbeatMs), (release) => {
      const member = this.#hub.enter(caller.identity, caller.channels, {
        joined: () => undefined,
        left: () => undefined,
        signal: () => undefined,
        expired: () => {
          refusal = 'expired-token';
          release();
        },
      });
      const unfollow = this.#follow(caller, release);
      visit?.watch(release);
      return () => {
        unfollow();
        // Another poll may have come meanwhile, over another connection, or a goodbye.
        if (visit !== undefined && !visit.isOver && visit.polls === polls) {
          visit.watch(undefined);
          // Before it leaves: whoever asks again at once was never gone.
          this.#hub.visit(caller, laneOf(reply.request.raw).destroyed ? ASKS_ANEW_MS : heartbeatMs);
        }
        member.leave();
      };
    });
    return refusal;
  }

  #follow(caller: Caller, release: Release): () => void {
    if (isListener(this.#hub, caller)) {
      this.#anybody.add(release);
      return () => this.#anybody.delete(release);
    }
    this.#callers.add(release, caller.channels);
    return () => this.#callers.remove(release, caller.channels);
  }
}
