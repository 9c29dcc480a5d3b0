import { z } from 'zod';
import { type ProtocolCause, refusedEnd, type SessionEnd } from '../../scenarios/session-end.ts';
import { readSignal } from '../../scenarios/feed/signal.ts';
import type { Answered, SessionCommand, SessionEvents, SessionOptions } from '../transport.ts';
import { FeedReader } from '../wire/feed-reader.ts';
import type { MemberRequest } from '../hub/member-request.ts';
import { SIGNAL_EVENT } from './event.ts';
import { parseRemembered, type Remembered, Talk } from './talk.ts';

/** Packets of Engine.IO (protocol 4) and, behind `4`, of Socket.IO (protocol 5), by the digit that they begin with. */
const ENGINE = { open: 0x30, close: 0x31, ping: 0x32, message: 0x34, noop: 0x36 } as const;
const SOCKET = { connect: 0x30, disconnect: 0x31, event: 0x32, ack: 0x33, refusal: 0x34, binaryEvent: 0x35 } as const;

/** `42["m",` before an entry, and `]` behind it. */
const EVENT_START = '42["m",'.length;
/** `42["` and `"m",` as big-endian integers: two comparisons are cheaper than seven. */
const EVENT_FIRST = 0x34325b22;
const EVENT_LAST = 0x226d222c;
const ARRAY_END = 0x5d;
const QUOTE = 0x22;
const COMMA = 0x2c;
/** The event whose argument is the next binary packet. */
const BINARY_EVENT = Buffer.from('451-["m",{"_placeholder":true,"num":0}]');
/** The same of a server that remembers sessions: the offset follows. */
const BINARY_EVENT_START = Buffer.from('451-["m",{"_placeholder":true,"num":0},"');
const SIGNAL_START = Buffer.from(`42["${SIGNAL_EVENT}",`);

/** No timer is set for longer: Node's end at 2^31 ms. */
const MOST_MS = 1_000_000_000;
const duration = z.int().min(1).max(MOST_MS);

const handshakeSchema = z.object({
  sid: z.string().min(1),
  upgrades: z.array(z.string()),
  pingInterval: duration,
  pingTimeout: duration,
  /** Bytes that one body or frame of a client may have. */
  maxPayload: z.int().min(1).optional(),
});

export type Handshake = z.infer<typeof handshakeSchema>;

/** `pid` is there where the server remembers sessions. */
const connectSchema = z.object({ sid: z.string().min(1), pid: z.string().optional() });
const refusalSchema = z.object({
  message: z.string(),
  data: z.object({ code: z.int() }).optional().catch(undefined),
});

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
 * What a client of Socket.IO hears and says, as little as is correct: the handshake, CONNECT, pongs, commands with their
 * acknowledgements, and the events in which the feed comes. A server pings; one that is silent for longer than it said is dead.
 */
export class Conversation {
  readonly #events: SessionEvents;
  readonly #line: Line;
  readonly #reader: FeedReader;
  readonly #talk: Talk;
  /** Whether the server puts an offset behind what it says, and remembers what came after it. */
  readonly #isRemembered: boolean;
  /** What this client missed in an earlier session comes before it is connected. */
  readonly #comesBack: boolean;
  #state: 'new' | 'connecting' | 'connected' | 'ended' = 'new';
  /** Whether events may come. */
  #hears = false;
  #awaitsBinary = false;
  #remembered: Remembered = { pid: '', offset: '' };
  /** The offset of the binary packet to come. */
  #nextOffset: string | undefined;
  #patience: NodeJS.Timeout | undefined;

  constructor(options: SessionOptions, events: SessionEvents, line: Line) {
    const { position, values, remembered } = options;
    this.#events = events;
    this.#line = line;
    this.#reader = new FeedReader(events, position, values.frames);
    this.#talk = new Talk(options);
    this.#isRemembered = values.recovery === 'library';
    this.#comesBack = remembered !== undefined;
    if (remembered !== undefined) this.#remembered = parseRemembered(remembered);
  }

  /** Where requests say who asks, and what for. */
  get request(): MemberRequest {
    return this.#talk.request;
  }

  /** What a line says once it has begun. */
  get connectPacket(): string {
    return this.#talk.connect;
  }

  /** Before it is connected, what it was given itself. */
  get remembered(): string | undefined {
    return this.#isRemembered ? JSON.stringify(this.#remembered) : undefined;
  }

  command(command: SessionCommand, answered: Answered): void {
    if (this.#state === 'ended') return;
    if (this.#state !== 'connected') throw new Error('nothing can be said before the client is connected');
    this.#line.say(this.#talk.command(command, answered));
  }

  /** Whether `packet`, which is only good during the call, held a message of the feed. */
  text(packet: Buffer, receivedNs: number): boolean {
    if (this.#hears && !this.#awaitsBinary && isEntry(packet)) {
      const end = this.#isRemembered ? this.#entryEnd(packet) : packet.length - 1;
      return this.#reader.accept(packet.subarray(EVENT_START, end), receivedNs);
    }
    if (this.#state !== 'ended') this.#take(packet, receivedNs);
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
    if (this.#nextOffset !== undefined) this.#had(this.#nextOffset);
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
    this.#hears = false;
    clearTimeout(this.#patience);
    this.#line.cut(isLost);
  }

  #take(packet: Buffer, receivedNs: number): void {
    const isAlone = packet.length === 1;
    if (this.#awaitsBinary) this.violate('packet-order');
    else if (packet[0] === ENGINE.open) this.#begin(packet);
    else if (this.#state === 'new') this.violate('packet-order');
    else if (packet[0] === ENGINE.message) this.#message(packet, receivedNs);
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
      this.#hears = this.#comesBack;
      this.#patience = setTimeout(() => this.end({ code: 'silent' }), handshake.pingInterval + handshake.pingTimeout);
      this.#line.begin(handshake);
    }
  }

  #pong(): void {
    this.#patience?.refresh();
    this.#line.say('3');
  }

  #message(packet: Buffer, receivedNs: number): void {
    const kind = packet[1];
    if (kind === SOCKET.connect) this.#connect(packet);
    else if (kind === SOCKET.refusal) this.#refused(packet);
    else if (kind === SOCKET.event || kind === SOCKET.binaryEvent) this.#event(packet, receivedNs);
    else if (kind === SOCKET.ack) this.#acknowledged(packet, receivedNs);
    else if (kind === SOCKET.disconnect && packet.length === 2) {
      this.end({ code: 'socketio-packet', packet: 'disconnect' });
    } else this.violate('packet');
  }

  #connect(packet: Buffer): void {
    const connected = parsed(connectSchema, packet.subarray(2));
    if (this.#state !== 'connecting') this.violate('packet-order');
    else if (connected === undefined) this.violate('packet');
    else {
      this.#state = 'connected';
      this.#hears = true;
      const { pid = '' } = connected;
      if (pid !== this.#remembered.pid) this.#remembered = { pid, offset: '' };
      this.#line.connected();
    }
  }

  #refused(packet: Buffer): void {
    const refusal = parsed(refusalSchema, packet.subarray(2));
    if (refusal === undefined) this.violate('packet');
    else this.end(refusedEnd(refusal.message, refusal.data?.code));
  }

  #acknowledged(packet: Buffer, receivedNs: number): void {
    if (!this.#talk.acknowledge(packet, receivedNs)) this.violate('packet');
  }

  #event(packet: Buffer, receivedNs: number): void {
    if (!this.#hears) this.violate('packet-order');
    else if (packet[1] === SOCKET.event) this.#other(packet, receivedNs);
    else if (packet.equals(BINARY_EVENT)) this.#awaitBinary(undefined);
    else if (this.#isRemembered && beginsWith(packet, BINARY_EVENT_START)) this.#awaitBinary(offsetIn(packet));
    else this.violate('packet');
  }

  #awaitBinary(offset: string | undefined): void {
    this.#awaitsBinary = true;
    this.#nextOffset = offset;
  }

  #other(packet: Buffer, receivedNs: number): void {
    const signal = beginsWith(packet, SIGNAL_START) ? readSignal(packet.subarray(SIGNAL_START.length, -1)) : undefined;
    if (signal === undefined) this.#events.foreign(packet);
    else this.#events.signal(signal, receivedNs);
  }

  #had(offset: string): void {
    this.#remembered = { pid: this.#remembered.pid, offset };
  }

  /** What came in answer to a CONNECT has no offset. */
  #entryEnd(packet: Buffer): number {
    if (packet.at(-2) !== QUOTE) return packet.length - 1;
    this.#had(offsetIn(packet));
    return packet.lastIndexOf(COMMA);
  }
}

/** The last argument of an event, which has no comma in it. */
function offsetIn(packet: Buffer): string {
  return packet.toString('latin1', packet.lastIndexOf(COMMA) + 2, packet.length - 2);
}

function beginsWith(packet: Buffer, start: Buffer): boolean {
  return packet.subarray(0, start.length).equals(start);
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
