import { Server, type Socket } from 'socket.io';
import { FEED_CHANNEL } from '../../scenarios/feed/channels.ts';
import { channelOf } from '../../scenarios/feed/message.ts';
import { encodeSignal } from '../../scenarios/feed/signal.ts';
import { Audience } from '../feed/audience.ts';
import type { Entry } from '../feed/log.ts';
import type { Identity } from '../hub/admission.ts';
import type { Hub } from '../hub/hub.ts';
import { obeyAt } from '../hub/moves.ts';
import type { OpenDoor } from '../transport.ts';
import { openAdapterDoor } from './adapter-door.ts';
import { openEngine } from './engine.ts';
import { EVENT } from './event.ts';
import { Delivery, Follower } from './follower.ts';
import { admitNewcomers, type Newcomer } from './newcomers.ts';

/**
 * Socket.IO as people run it: what several clients get goes out by one `emit`, to all of them or to a room, which encodes it
 * once. A client that is behind, because it missed something or does not keep up, is left out of that and gets what it lacks from
 * the log by itself.
 */
export const openDoor: OpenDoor = (context) => {
  const { log, hub, options } = context;
  if (context.adapter !== undefined || options.values.recovery === 'library') return openAdapterDoor(context);
  const engine = openEngine(context);
  const io = new Server({ serveClient: false, connectTimeout: options.authMs }).bind(engine.server);
  const newcomerOf = admitNewcomers(io, hub);
  const clients = new Clients(io, hub, new Delivery(context, engine));
  io.on('connection', (client) => {
    engine.joined(client);
    const newcomer = newcomerOf(client);
    if (newcomer.channels === undefined) clients.listen(client, newcomer);
    else clients.enter(client, newcomer, newcomer.channels);
  });
  log.follow((entry) => clients.tell(entry));
  return {
    drain: async () => {
      await engine.drain(options.closeMs);
      await io.close();
    },
  };
};

const FEED_ALONE: ReadonlySet<string> = new Set([FEED_CHANNEL]);

/** A client of the library has a room of its own too, which no channel may be taken for. */
function roomOf(channel: string): string {
  return `channel ${channel}`;
}

class Clients {
  readonly #io: Server;
  readonly #hub: Hub;
  readonly #delivery: Delivery;
  readonly #audience = new Audience<Follower>();

  constructor(io: Server, hub: Hub, delivery: Delivery) {
    this.#io = io;
    this.#hub = hub;
    this.#delivery = delivery;
  }

  /** Whoever has no name, and follows the feed alone. */
  listen(client: Socket, { identity, position }: Newcomer): void {
    const listener = new Follower(client, this.#hub.feed, this.#delivery);
    this.#follow(listener, FEED_ALONE);
    listener.obey(async (command) => this.#hub.obey(identity, command));
    // In the same turn in which the client joined, so that the next broadcast is what comes after.
    listener.outbox.start(position);
  }

  enter(client: Socket, { identity, position }: Newcomer, channels: ReadonlySet<string>): void {
    const member = this.#hub.enter(identity, channels, {
      joined: (channel) => {
        this.#audience.join(follower, channel);
        void client.join(roomOf(channel));
      },
      left: (channel) => {
        this.#audience.leave(follower, channel);
        void client.leave(roomOf(channel));
      },
      signal: (signal) => follower.tell(signal),
      // The protocol has no code for it; nothing else says DISCONNECT.
      expired: () => client.disconnect(true),
    });
    const follower = new Follower(client, member.log, this.#delivery);
    this.#follow(follower, member.channels);
    client.once('disconnect', () => member.leave());
    follower.obey(async (command) => obeyAt(follower.outbox.position, member, command));
    follower.outbox.hold(position);
    void this.#greet(follower, identity).then(() => follower.outbox.start(position));
  }

  #follow(follower: Follower, channels: ReadonlySet<string>): void {
    const { client } = follower;
    this.#audience.add(follower, channels);
    void client.join([...channels].map(roomOf));
    client.once('disconnect', () => this.#audience.remove(follower, channels));
  }

  /** What the client is told before all that is in the log. */
  async #greet(follower: Follower, identity: Identity): Promise<void> {
    const { user } = identity;
    if (user === undefined) return;
    if (this.#hub.wantsTokens) follower.tell(encodeSignal({ signal: 'auth_success', user }));
    follower.tell(encodeSignal(await this.#hub.welcome(identity)));
  }

  tell(entry: Entry): void {
    const followers = this.#audience.of(entry);
    const apart: string[] = [];
    for (const { client, outbox } of followers) if (!outbox.follows(entry)) apart.push(client.id);
    if (apart.length === followers.size) return;
    const argument = this.#delivery.form.argument(entry);
    if (argument === undefined) {
      for (const follower of followers) if (!apart.includes(follower.client.id)) follower.send(entry);
    } else this.#roomOf(entry, followers).except(apart).emit(EVENT, argument);
  }

  /** To all at once is cheaper, where that is who follows. */
  #roomOf(entry: Entry, followers: ReadonlySet<Follower>): Server['local'] {
    const { local } = this.#io;
    const channel = channelOf(entry);
    return channel === undefined || followers.size === this.#audience.size ? local : local.to(roomOf(channel));
  }
}
