import type { AddressInfo, Server, Socket } from 'node:net';
import { monotonicNs } from '../../scenarios/clock.ts';
import { NS_PER_MS } from '../../scenarios/units.ts';
import { type UnansweredPeer, unansweredPeers } from './tcp-table.ts';

/** It is looked for them so many times a heartbeat; twice as often where there may be one. */
const LOOKS = 4;

interface Suspicion {
  readonly sinceNs: number;
  readonly times: number;
}

/** Which connections at a port do not answer; undefined where that cannot be told. */
type Look = (place: AddressInfo) => Promise<readonly UnansweredPeer[] | undefined>;

/**
 * Ends connections whose peer is gone without a word: what was sent to it was sent again for a whole heartbeat, and nobody
 * answered. TCP itself would go on for a quarter of an hour (tcp(7), `tcp_retries2`). A peer whose program stands still is
 * none of these, because its system answers; neither is one to which nothing is sent.
 */
export class DeadPeers {
  readonly #sockets: ReadonlySet<Socket>;
  readonly #heartbeatNs: number;
  readonly #look: Look;
  #suspicions: ReadonlyMap<Socket, Suspicion> = new Map();
  #lookedNs = monotonicNs();

  constructor(sockets: ReadonlySet<Socket>, heartbeatMs: number, look: Look = unansweredPeers) {
    this.#sockets = sockets;
    this.#heartbeatNs = heartbeatMs * NS_PER_MS;
    this.#look = look;
  }

  /** As long as the server listens. */
  watch(server: Server): void {
    let timer: NodeJS.Timeout | undefined;
    const wait = (): void => {
      const looks = this.#suspicions.size > 0 ? 2 * LOOKS : LOOKS;
      timer = setTimeout(() => void look(), this.#heartbeatNs / NS_PER_MS / looks).unref();
    };
    const look = async (): Promise<void> => {
      const address = server.address();
      if (address === null || typeof address === 'string') return;
      if (await this.look(address)) wait();
    };
    server.once('listening', wait);
    server.once('close', () => clearTimeout(timer));
  }

  /** False where the system does not tell. */
  async look(place: AddressInfo): Promise<boolean> {
    const peers = this.#sockets.size === 0 ? [] : await this.#look(place);
    if (peers === undefined) return false;
    const nowNs = monotonicNs();
    // Whoever was stopped meanwhile has not seen that somebody answered.
    if (nowNs - this.#lookedNs > this.#heartbeatNs / 2) this.#suspicions = new Map();
    this.#lookedNs = nowNs;
    this.#suspicions = peers.length === 0 ? new Map() : this.#judge(peers, nowNs);
    return true;
  }

  #judge(peers: readonly UnansweredPeer[], nowNs: number): ReadonlyMap<Socket, Suspicion> {
    const times = new Map(peers.map((peer) => [`${peer.address} ${peer.port}`, peer.times]));
    const suspicions = new Map<Socket, Suspicion>();
    for (const socket of this.#sockets) {
      const now = times.get(`${addressOf(socket)} ${socket.remotePort}`);
      if (now === undefined) continue;
      const before = this.#suspicions.get(socket);
      // A lower number tells of an answer in between.
      const sinceNs = before === undefined || now < before.times ? nowNs : before.sinceNs;
      if (nowNs - sinceNs >= this.#heartbeatNs) socket.resetAndDestroy();
      else suspicions.set(socket, { sinceNs, times: now });
    }
    return suspicions;
  }
}

/** The table knows no scope. */
function addressOf({ remoteAddress = '' }: Socket): string {
  return remoteAddress.split('%', 1)[0] ?? '';
}
