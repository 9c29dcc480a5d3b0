import { z } from 'zod';
import { type ProtocolCause, refusedEnd, type SessionEnd } from '../../scenarios/session-end.ts';
import type { SessionEvents, SessionOptions } from '../transport.ts';
import { FeedReader } from '../wire/feed-reader.ts';

/** Packets of Engine.IO (protocol 4) and, behind `4`, of Socket.IO (protocol 5), by the digit that they begin with. */
const ENGINE = { open: 0x30, close: 0x31, ping: 0x32, message: 0x34, noop: 0x36 } as const;
const SOCKET = { connect: 0x30, disconnect: 0x31, event: 0x32, refusal: 0x34, binaryEvent: 0x35 } as const;

/** `42["m",` before an entry, and `]` behind it. */
const EVENT_START = '42["m",'.length;
/** `42["` and `"m",` as big-endian integers: two comparisons are cheaper than seven. */
const EVENT_FIRST = 0x34325b22;
const EVENT_LAST = 0x226d222c;
const ARRAY_END = 0x5d;
/** The event whose argument is the next binary packet. */
const BINARY_EVENT = Buffer.from('451-["m",{"_placeholder":true,"num":0}]');

/** No timer is set for longer: Node's end at 2^31 ms. */
const MOST_MS = 1_000_000_000;
const duration = z.int().min(1).max(MOST_MS);

const handshakeSchema = z.object({
  sid: z.string().min(1),
  upgrades: z.array(z.string()),
  pingInterval: duration,
  pingTimeout: duration,
});

type Handshake = z.infer<typeof handshakeSchema>;

const connectSchema = z.object({ sid: z.string().min(1) });
const refusalSchema = z.object({ message: z.string() });

/** What carries the packets of a session. */
export interface Line {
  /** The session is there; what the client says from now on may be said. */
  begin(handshake: Handshake): void;
  /** The client is connected: it gets what is published from now on. */
  connected(): void;
  say(packet: string): void;
  /** The session is over; `isLost` where it ended by itself. */
  cut(isLost: boolean): void;
}

/**
 * What a client of Socket.IO hears and says, as little as is correct: the handshake, CONNECT, pongs, and the events in which the
 * feed comes. A server pings; one that is silent for longer than it said is dead.
 */
export class Conversation {
  readonly #events: SessionEvents;
  readonly #line: Line;
  readonly #reader: FeedReader;
  #state: 'new' | 'connecting' | 'connected' | 'ended' = 'new';
  #awaitsBinary = false;
  #patience: NodeJS.Timeout | undefined;

  constructor({ position, values }: SessionOptions, events: SessionEvents, line: Line) {
    this.#events = events;
    this.#line = line;
    this.#reader = new FeedReader(events, position, values.frames);
  }

  /** Whether `packet`, which is only good during the call, held a message of the feed. */
  text(packet: Buffer, receivedNs: number): boolean {
    if (this.#state === 'connected' && !this.#awaitsBinary && isEntry(packet)) {
      return this.#reader.accept(packet.subarray(EVENT_START, packet.length - 1), receivedNs);
    }
    if (this.#state !== 'ended') this.#take(packet);
    return false;
  }

  /** The same of a binary packet. */
  binary(bytes: Buffer, receivedNs: number): boolean {
    if (this.#state === 'ended') return false;
    if (!this.#awaitsBinary) {
      this.violate('packet-order');
      return false;
    }
    this.#awaitsBinary = false;
    return this.#reader.accept(bytes, receivedNs);
  }

  violate(cause: ProtocolCause): void {
    this.end({ code: 'protocol', cause });
  }

  /** The session ended without `close()`. */
  end(end: SessionEnd): void {
    if (this.#state === 'ended') return;
    this.#cut(true);
    this.#events.lost(end);
  }

  close(): void {
    if (this.#state !== 'ended') this.#cut(false);
  }

  #cut(isLost: boolean): void {
    this.#state = 'ended';
    clearTimeout(this.#patience);
    this.#line.cut(isLost);
  }

  #take(packet: Buffer): void {
    const isAlone = packet.length === 1;
    if (this.#awaitsBinary) this.violate('packet-order');
    else if (packet[0] === ENGINE.open) this.#begin(packet);
    else if (this.#state === 'new') this.violate('packet-order');
    else if (packet[0] === ENGINE.message) this.#message(packet);
    else if (isAlone && packet[0] === ENGINE.ping) this.#pong();
    else if (isAlone && packet[0] === ENGINE.close) this.end({ code: 'socketio-packet', packet: 'close' });
    else if (!isAlone || packet[0] !== ENGINE.noop) this.violate('packet');
  }

  #begin(packet: Buffer): void {
    const handshake = parsed(handshakeSchema, packet.subarray(1));
    if (this.#state !== 'new') this.violate('packet-order');
    else if (handshake === undefined) this.violate('packet');
    else {
      this.#state = 'connecting';
      this.#patience = setTimeout(() => this.end({ code: 'silent' }), handshake.pingInterval + handshake.pingTimeout);
      this.#line.begin(handshake);
    }
  }

  #pong(): void {
    this.#patience?.refresh();
    this.#line.say('3');
  }

  #message(packet: Buffer): void {
    const kind = packet[1];
    if (kind === SOCKET.connect) this.#connect(packet);
    else if (kind === SOCKET.refusal) this.#refused(packet);
    else if (kind === SOCKET.event || kind === SOCKET.binaryEvent) this.#event(packet);
    else if (kind === SOCKET.disconnect && packet.length === 2) {
      this.end({ code: 'socketio-packet', packet: 'disconnect' });
    } else this.violate('packet');
  }

  #connect(packet: Buffer): void {
    if (this.#state !== 'connecting') this.violate('packet-order');
    else if (parsed(connectSchema, packet.subarray(2)) === undefined) this.violate('packet');
    else {
      this.#state = 'connected';
      this.#line.connected();
    }
  }

  #refused(packet: Buffer): void {
    const refusal = parsed(refusalSchema, packet.subarray(2));
    if (refusal === undefined) this.violate('packet');
    else this.end(refusedEnd(refusal.message));
  }

  #event(packet: Buffer): void {
    if (this.#state !== 'connected') this.violate('packet-order');
    else if (packet[1] === SOCKET.event) this.#events.foreign(packet);
    else if (packet.equals(BINARY_EVENT)) this.#awaitsBinary = true;
    else this.violate('packet');
  }
}

function isEntry(packet: Buffer): boolean {
  return (
    packet.length > EVENT_START &&
    packet.readUInt32BE(0) === EVENT_FIRST &&
    packet.readUInt32BE(3) === EVENT_LAST &&
    packet.at(-1) === ARRAY_END
  );
}

function parsed<T>(schema: z.ZodType<T>, bytes: Buffer): T | undefined {
  try {
    return schema.safeParse(JSON.parse(bytes.toString())).data;
  } catch {
    return undefined;
  }
}
