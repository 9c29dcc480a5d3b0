import { open } from 'node:fs/promises';
import { type AddressInfo, SocketAddress } from 'node:net';
import { endianness } from 'node:os';
import { systemErrorCode } from '../../scenarios/failures.ts';

/** A connection whose other end has not answered what was sent to it again. */
export interface UnansweredPeer {
  /** As Node writes it. */
  readonly address: string;
  readonly port: number;
  /** How often in a row it was sent. */
  readonly times: number;
}

/** What Linux tells of each TCP connection of this network namespace (Documentation/networking/proc_net_tcp.rst). */
const TABLES = { IPv4: '/proc/net/tcp', IPv6: '/proc/net/tcp6' } as const;
/** The kernel gives a page at a time, whatever is asked for. */
const READ_BYTES = 16 * 1024;

/**
 * Number, local address, remote address, state, queues, timer; then how often what is not acknowledged was sent again, the user,
 * and how many probes are without an answer. The first and the last of these fall to 0 with an answer.
 */
const LINE = /^ *\d+: [\dA-F]+:([\dA-F]{4}) ([\dA-F]+):([\dA-F]{4}) [\dA-F]{2} \S+ \S+ ([\dA-F]{8}) +\d+ +(\d+) /;

/**
 * Connections at a port of this machine whose peers do not answer; undefined where the system does not tell that. The table is
 * read in another thread: the kernel looks through the connections of all namespaces for it, which takes some milliseconds.
 */
export async function unansweredPeers({ port, family }: AddressInfo): Promise<readonly UnansweredPeer[] | undefined> {
  const peers: UnansweredPeer[] = [];
  try {
    for await (const piece of piecesOf(family === 'IPv6' ? TABLES.IPv6 : TABLES.IPv4))
      peers.push(...unansweredIn(piece, port));
  } catch (error) {
    const code = systemErrorCode(error);
    if (code === undefined) throw error;
    // Another system than Linux. Whatever else is in the way may be gone the next time.
    return code === 'ENOENT' ? undefined : [];
  }
  return peers;
}

/** Whole lines. */
async function* piecesOf(path: string): AsyncGenerator<string> {
  await using file = await open(path);
  const bytes = Buffer.allocUnsafe(READ_BYTES);
  let rest = '';
  for (;;) {
    const { bytesRead } = await file.read(bytes, 0, READ_BYTES);
    if (bytesRead === 0) return;
    const text = rest + bytes.toString('latin1', 0, bytesRead);
    const end = text.lastIndexOf('\n') + 1;
    rest = text.slice(end);
    yield text.slice(0, end);
  }
}

export function unansweredIn(lines: string, localPort: number): UnansweredPeer[] {
  const local = `:${localPort.toString(16).toUpperCase().padStart(4, '0')} `;
  const peers: UnansweredPeer[] = [];
  for (const line of lines.split('\n')) {
    const peer = line.includes(local) ? peerIn(line, localPort) : undefined;
    if (peer !== undefined) peers.push(peer);
  }
  return peers;
}

/** Undefined where it is a connection of another port, or answers. */
function peerIn(line: string, localPort: number): UnansweredPeer | undefined {
  const [, local = '', address = '', port = '', again = '', probes = ''] = LINE.exec(line) ?? [];
  const times = Number.parseInt(again, 16) + Number(probes);
  if (Number.isNaN(times) || times === 0 || Number.parseInt(local, 16) !== localPort) return undefined;
  return { address: addressIn(address), port: Number.parseInt(port, 16), times };
}

/** Words of four bytes, each as the machine holds a number. */
function addressIn(hexadecimal: string): string {
  const bytes = Buffer.from(hexadecimal, 'hex');
  if (endianness() === 'LE') bytes.swap32();
  if (bytes.length === 4) return bytes.join('.');
  const groups = Array.from({ length: bytes.length / 2 }, (_, index) => bytes.readUInt16BE(2 * index).toString(16));
  return new SocketAddress({ address: groups.join(':'), family: 'ipv6' }).address;
}
