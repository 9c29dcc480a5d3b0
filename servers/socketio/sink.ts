import type { Socket as NetSocket } from 'node:net';
import type { Socket as EngineSocket } from 'engine.io';
import type { WebSocket } from 'ws';
import type { EncodedOnce } from '../feed/encoded-once.ts';
import type { Entry } from '../feed/log.ts';
import type { Sink } from '../feed/outbox.ts';
import type { Packet } from './event.ts';

/** What engine.io keeps of a client and leaves out of its types. */
interface Internals {
  /** Packets that wait for the transport; another array once it has taken them. */
  readonly writeBuffer: readonly { readonly data?: string | Buffer }[];
  /** A WebSocket of the ws library, and the socket under it while it is there. */
  readonly transport: { readonly socket?: WebSocket & { readonly _socket?: NetSocket | null } };
}

export function internalsOf(client: EngineSocket): Internals {
  return client as unknown as Internals;
}

/** A client of engine.io, whatever it uses at the moment, as an outbox sees it. */
export class EngineSink implements Sink {
  readonly #client: EngineSocket;
  readonly #internals: Internals;
  readonly #packets: EncodedOnce<readonly Packet[]>;
  readonly #slowMs: number;
  #counted: Internals['writeBuffer'] = [];
  #countedPackets = 0;
  #countedBytes = 0;
  #stalled: (() => void) | undefined;
  #disarm: () => void = () => undefined;

  constructor(client: EngineSocket, packets: EncodedOnce<readonly Packet[]>, slowMs: number) {
    this.#client = client;
    this.#internals = internalsOf(client);
    this.#packets = packets;
    this.#slowMs = slowMs;
    client.on('upgrade', () => this.watch(this.#stalled));
  }

  get open(): boolean {
    return this.#client.readyState === 'open';
  }

  /** What engine.io holds, and below it ws and the socket. Characters are counted as bytes: most are. */
  get waitingBytes(): number {
    return this.#bufferedBytes() + (this.#internals.transport.socket?.bufferedAmount ?? 0);
  }

  /** By itself, besides what all clients get at once. */
  send(entry: Entry, taken?: () => void): void {
    const packets = this.#packets.of(entry);
    for (const [index, packet] of packets.entries()) {
      // A poll that is held takes what it is given during the call.
      const told = taken !== undefined && index === packets.length - 1 ? () => setImmediate(taken) : undefined;
      this.#client.write(packet, undefined, told);
    }
  }

  watch(stalled: (() => void) | undefined): void {
    this.#disarm();
    this.#stalled = stalled;
    if (stalled !== undefined) this.#disarm = this.#arm(stalled);
  }

  /** Packets are counted once, because a burst of a thousand would be summed up a thousand times. */
  #bufferedBytes(): number {
    const { writeBuffer } = this.#internals;
    if (writeBuffer !== this.#counted) {
      this.#counted = writeBuffer;
      this.#countedPackets = 0;
      this.#countedBytes = 0;
    }
    for (; this.#countedPackets < writeBuffer.length; this.#countedPackets++) {
      this.#countedBytes += writeBuffer[this.#countedPackets]?.data?.length ?? 0;
    }
    return this.#countedBytes;
  }

  /** A socket counts the time in which nothing moves, a part of a large write included; polls come or do not. */
  #arm(stalled: () => void): () => void {
    const socket = this.#internals.transport.socket?.['_socket'];
    if (socket) {
      socket.setTimeout(this.#slowMs, stalled);
      return () => socket.setTimeout(0, stalled);
    }
    const patience = setTimeout(stalled, this.#slowMs);
    const moved = (): unknown => patience.refresh();
    this.#client.on('drain', moved);
    return () => {
      clearTimeout(patience);
      this.#client.off('drain', moved);
    };
  }
}
