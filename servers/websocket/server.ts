import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import { FEED_CHANNEL } from '../../scenarios/feed/channels.ts';
import { deliversLatest } from '../../scenarios/feed/conflation.ts';
import { type Command, MOST_COMMAND_BYTES } from '../../scenarios/feed/command.ts';
import type { Answer } from '../../scenarios/feed/signal.ts';
import { Audience } from '../feed/audience.ts';
import type { Position, ReadableLog } from '../feed/log.ts';
import { Outbox } from '../feed/outbox.ts';
import { BAD_SINCE, positionIn } from '../feed/position.ts';
import type { Admission, Identity } from '../hub/admission.ts';
import { channelsOf, credentialsOf } from '../hub/credentials.ts';
import { Heartbeat } from '../hub/heartbeat.ts';
import { obeyAt } from '../hub/moves.ts';
import type { Departure, Door, DoorContext, DoorOptions, OpenDoor, UpgradeRefusal } from '../transport.ts';
import { closeFor, closeForSlowness, CLOSES, GOODBYES } from './closes.ts';
import { Guests } from './guests.ts';
import { Peer, type PeerOptions, type Wire } from './peer.ts';
import { binaryFrames, TEXT_FRAMES } from './sink.ts';
import { chooseSubprotocol, framesOf } from './subprotocols.ts';

/** Whoever listens without a name. */
const NOBODY: Identity = { user: undefined, expiresAtMs: undefined };
const FEED_ALONE: ReadonlySet<string> = new Set([FEED_CHANNEL]);

export const openDoor: OpenDoor = (context) => {
  const door = new WebSocketDoor(context);
  context.onUpgrade('/ws', (request, socket, head) => door.take({ request, socket, head }));
  return door;
};

interface Upgrade {
  readonly request: IncomingMessage;
  readonly socket: Duplex;
  readonly head: Buffer;
}

/** What a client asked for, and whoever it is taken for. */
interface Asked {
  readonly request: IncomingMessage;
  readonly position: Position;
}

/**
 * A connection is upgraded before it is refused: a page sees the code of a close, and of an answer over HTTP nothing. Who has no
 * name and follows the feed alone listens, as if nobody could talk here; all others are members.
 */
class WebSocketDoor implements Door {
  readonly #context: DoorContext;
  readonly #server: WebSocketServer;
  readonly #forms = { text: TEXT_FRAMES, binary: binaryFrames() };
  readonly #heartbeat: Heartbeat;
  readonly #peerOptions: PeerOptions;
  readonly #guests: Guests;
  readonly #peers = new Set<Peer>();
  readonly #audience = new Audience<Outbox>();
  /** As whoever listens to it alone reads it. */
  readonly #feed: ReadableLog;
  /** From when on nobody is let in. */
  #departure: Departure | undefined;

  constructor(context: DoorContext) {
    const { log, hub, options } = context;
    this.#context = context;
    this.#server = new WebSocketServer(serverOptions(options));
    this.#heartbeat = new Heartbeat(options.heartbeatMs);
    this.#guests = new Guests({ hub, authMs: options.authMs });
    this.#feed = hub.feed;
    this.#peerOptions = { ...options, gathers: deliversLatest(options.values) };
    log.follow((entry) => {
      for (const outbox of this.#audience.of(entry)) outbox.push(entry);
    });
  }

  take(upgrade: Upgrade): UpgradeRefusal | undefined {
    const { request } = upgrade;
    const position = positionIn(request.url);
    if (position === undefined) return { status: 400, error: BAD_SINCE };
    const asked = { request, position };
    const { hub } = this.#context;
    const credentials = credentialsOf(request);
    if (this.#context.isBeyond(request.socket)) this.#upgrade(upgrade, (peer) => peer.close(CLOSES.tooManyConnections));
    else if (hub.wantsTokens && credentials.token === undefined)
      this.#upgrade(upgrade, (peer) => this.#guests.receive(peer, (identity) => this.#letIn(peer, identity, asked)));
    else void this.#await(hub.admit(credentials), upgrade, asked);
    return undefined;
  }

  async drain(departure: Departure): Promise<void> {
    this.#departure = departure;
    const { closeMs } = this.#context.options;
    await Promise.all([...this.#peers].map(async (peer) => peer.part(GOODBYES[departure], closeMs)));
  }

  async #await(admitting: Promise<Admission>, upgrade: Upgrade, asked: Asked): Promise<void> {
    // Until it is upgraded the socket is nobody's, and its errors would be thrown.
    if (this.#context.hub.wantsTokens) upgrade.socket.on('error', ignore);
    const admission = await admitting.catch((error: unknown) => ({ kind: 'failed', error }) as const);
    this.#upgrade(upgrade, (peer) => {
      if (admission.kind === 'admitted') this.#letIn(peer, admission.identity, asked);
      else if (admission.kind === 'refused') peer.close(closeFor(admission.refusal));
      else peer.fail(admission.error);
    });
  }

  #upgrade({ request, socket, head }: Upgrade, begin: (peer: Peer) => void): void {
    this.#server.handleUpgrade(request, socket, head, (client) => {
      const peer = this.#welcome({ client, socket: request.socket });
      // Of who was on the way when the door closed, none is left behind.
      if (this.#departure === undefined) begin(peer);
      else void peer.part(GOODBYES[this.#departure], this.#context.options.closeMs);
    });
  }

  /** What stays as long as the connection must hold nothing of its request, which is larger than all the rest. */
  #welcome(wire: Wire): Peer {
    const { options } = this.#context;
    const form = this.#forms[framesOf(wire.client.protocol) ?? options.values.frames ?? 'text'];
    const peer = new Peer(wire, form, this.#peerOptions);
    this.#peers.add(peer);
    wire.client.on('close', () => this.#peers.delete(peer));
    return peer;
  }

  #letIn(peer: Peer, identity: Identity, { request, position }: Asked): void {
    const channels = channelsOf(request, identity);
    if (typeof channels === 'string') {
      peer.close(closeFor(channels));
      return;
    }
    const listens = identity.user === undefined && channels.size === 1 && channels.has(FEED_CHANNEL);
    const outbox = listens ? this.#listen(peer) : this.#enter(peer, identity, channels);
    if (identity.user === undefined) outbox.start(position);
    else {
      outbox.hold(position);
      void this.#context.hub.welcome(identity).then((welcome) => {
        peer.say(welcome);
        outbox.start(position);
      });
    }
  }

  #listen(peer: Peer): Outbox {
    const outbox = this.#outbox(peer, this.#feed);
    this.#audience.add(outbox, FEED_ALONE);
    const silence = this.#heartbeat.add(() => peer.beat());
    peer.onGone(() => {
      silence();
      outbox.end();
      this.#audience.remove(outbox, FEED_ALONE);
    });
    peer.serve(this.#obeyNobody);
    return outbox;
  }

  #enter(peer: Peer, identity: Identity, channels: ReadonlySet<string>): Outbox {
    const { hub } = this.#context;
    const { user } = identity;
    if (hub.wantsTokens && user !== undefined) peer.say({ signal: 'auth_success', user });
    const member = hub.enter(identity, channels, {
      joined: (channel) => this.#audience.join(outbox, channel),
      left: (channel) => this.#audience.leave(outbox, channel),
      signal: (bytes) => peer.pass(bytes),
      expired: () => peer.close(closeFor('expired-token')),
    });
    const outbox = this.#outbox(peer, member.log);
    this.#audience.add(outbox, member.channels);
    const silence = this.#heartbeat.add(() => peer.beat());
    peer.onGone(() => {
      silence();
      outbox.end();
      this.#audience.remove(outbox, member.channels);
      member.leave();
    });
    peer.serve(async (command) => obeyAt(outbox.position, member, command));
    return outbox;
  }

  /** Shared by all of them. */
  readonly #obeyNobody = async (command: Command): Promise<Answer> => this.#context.hub.obey(NOBODY, command);

  #outbox(peer: Peer, log: ReadableLog): Outbox {
    return new Outbox(log, peer.sink, {
      sendBufferBytes: this.#context.options.sendBufferBytes,
      onSlow: (reason) => {
        this.#context.onSlowConsumer();
        peer.close(closeForSlowness(reason));
      },
    });
  }
}

function ignore(): void {}

/** The types of ws do not know `closeTimeout` yet, so it could not stand in the call. */
function serverOptions({ slowMs, values }: DoorOptions) {
  return {
    noServer: true,
    clientTracking: false,
    // All as ws has it, but for its threshold: what a client that wants no context takeover gets is compressed too.
    perMessageDeflate: values.compression === 'deflate' && { threshold: 0 },
    maxPayload: MOST_COMMAND_BYTES,
    // A peer that was told to go and does not answer is cut off after this, and what waited for it is freed.
    closeTimeout: slowMs,
    handleProtocols: (offered: ReadonlySet<string>) => chooseSubprotocol(offered),
  };
}
