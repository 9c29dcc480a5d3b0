import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { errorMessage, Failure } from '../../scenarios/failures.ts';
import { entering, type Host, inside } from './host.ts';
import { type Cable, type Cuttable, cuttable, type End, lay, layLink } from './link/cable.ts';
import type { LinkOrder, MadeLink } from './link/relay.ts';
import { findProgram, plainEnvironment } from './programs.ts';

/** Totals since the network was opened. */
export interface WireCounters {
  readonly bytesDown: number;
  readonly bytesUp: number;
  readonly packetsDown: number;
  readonly packetsUp: number;
  readonly backplaneBytes: number;
}

/** What crossed the wire between two readings, both ways; null where there is no wire of its own. */
export function wireBytesBetween(before: WireCounters | undefined, after: WireCounters | undefined): number | null {
  if (before === undefined || after === undefined) return null;
  return after.bytesDown - before.bytesDown + (after.bytesUp - before.bytesUp);
}

/** Totals between a balancer and the servers since the network was opened. */
export interface UpstreamCounters {
  readonly bytesDown: number;
  readonly bytesUp: number;
  /** Opened by the balancer, or tried to. */
  readonly connections: number;
}

export interface Network extends AsyncDisposable {
  readonly serverHost: Host;
  readonly clientHost: Host;
  /** What clients connect to: a host between them and the servers where there is one, and otherwise the server host. */
  readonly edgeHost: Host;
  /** Absent where there is no host between, or no wire of its own behind it. */
  readonly readUpstream?: () => UpstreamCounters;
  /** Undefined where there is no wire of its own to count on; `note` says why, or what it is. */
  readonly readWire: (() => WireCounters) | undefined;
  readonly note: string;
  /** How many connections the client host can have to one address and port. */
  readonly portsPerTarget: number;
  /** Absent where there is no wire of its own to cut. */
  readonly link?: Cuttable;
  /** How what lies between clients and what they connect to delays, limits and loses; absent where nothing of it was ordered. */
  readonly madeLink?: MadeLink;
}

/** What a network is asked to be. */
interface NetworkShape {
  /** Whether there is a host between clients and servers. */
  readonly hasEdge?: boolean;
  /** What lies between clients and what they connect to. Absent: a wire. */
  readonly order?: LinkOrder;
}

/** 198.18.0.0/15 is set aside for benchmarks of network devices (RFC 2544). Clients find what they connect to at the second. */
const CLIENT_ADDRESS = '198.18.0.1';
const PEER_ADDRESS = '198.18.0.2';
const UPSTREAM_ADDRESS = '198.18.0.5';
const BEHIND_EDGE_ADDRESS = '198.18.0.6';
const CLIENT_LINK = 'fb-client';
const EDGE_LINK = 'fb-edge';
const UPSTREAM_LINK = 'fb-upstream';
const SERVER_LINK = 'fb-server';

export function loopbackNetwork(note: string): Network {
  const host: Host = { address: '127.0.0.1', enter: [] };
  return {
    serverHost: host,
    clientHost: host,
    edgeHost: host,
    readWire: undefined,
    note,
    portsPerTarget: portsOfMachine(),
    [Symbol.asyncDispose]: async () => undefined,
  };
}

/**
 * Private network namespaces joined by veth pairs, in a user namespace of their own, so that no root is needed: one for
 * clients, one for servers, and one between them where it `hasEdge`, over which nothing is routed. They live as long as
 * `cat`s that read from pipes of this process: nothing is left behind however it ends. Falls back to loopback, with the
 * reason, where the system does not allow it; throws `link-unavailable` where that would leave a link out that was ordered.
 */
export async function openNetwork({ hasEdge = false, order }: NetworkShape = {}): Promise<Network> {
  const missing = ['unshare', 'nsenter', 'ip'].find((program) => findProgram(program) === undefined);
  if (missing !== undefined) return withoutNetwork(`${missing} is not installed`, order);
  const holders: ChildProcess[] = [];
  try {
    const client = await holdNamespace(['unshare', '--user', '--map-root-user', '--net'], holders);
    const nextTo = async (): Promise<number> => holdNamespace([...entering(client), 'unshare', '--net'], holders);
    const server = await nextTo();
    const hosts = { client, server, edge: hasEdge ? await nextTo() : undefined };
    const cables = cablesBetween(hosts);
    const madeLink = order === undefined ? await lay(cables.clientCable) : await layLink(cables.clientCable, order);
    if (cables.upstreamCable !== undefined) await lay(cables.upstreamCable);
    const ports = await widenPorts(client);
    if (hosts.edge !== undefined) await widenPorts(hosts.edge);
    return namespaceNetwork({ ...hosts, ...cables, ports, ...(madeLink !== undefined && { madeLink }) }, holders);
  } catch (error) {
    await release(holders);
    return withoutNetwork(firstLine(error), order);
  }
}

/** On the loopback nothing delays, limits or loses: what was ordered of that is not left out in silence. */
export function withoutNetwork(reason: string, order?: LinkOrder): Network {
  if (order === undefined) return loopbackNetwork(`no private network: ${reason}`);
  throw new Failure(
    'link-unavailable',
    `no link with delay, rate or loss can be made here: ${reason}; see that this user may make network namespaces and open /dev/net/tun, or leave out --link, --delay, --rate and --loss`,
  );
}

/** Each host by the process that holds its namespace. */
interface Hosts {
  readonly client: number;
  readonly server: number;
  readonly edge: number | undefined;
}

interface Cables {
  readonly clientCable: Cable;
  readonly upstreamCable?: Cable;
}

function cablesBetween({ client, server, edge }: Hosts): Cables {
  const clientEnd = { pid: client, link: CLIENT_LINK, address: CLIENT_ADDRESS };
  if (edge === undefined)
    return { clientCable: [clientEnd, { pid: server, link: SERVER_LINK, address: PEER_ADDRESS }] };
  return {
    clientCable: [clientEnd, { pid: edge, link: EDGE_LINK, address: PEER_ADDRESS }],
    upstreamCable: [
      { pid: edge, link: UPSTREAM_LINK, address: UPSTREAM_ADDRESS },
      { pid: server, link: SERVER_LINK, address: BEHIND_EDGE_ADDRESS },
    ],
  };
}

function namespaceNetwork(
  { client, clientCable, upstreamCable, ports, madeLink }: Hosts & Cables & { ports: PortRange; madeLink?: MadeLink },
  holders: readonly ChildProcess[],
): Network {
  const [, peer] = clientCable;
  const [upstream, behind] = upstreamCable ?? [undefined, peer];
  return {
    clientHost: { address: CLIENT_ADDRESS, enter: entering(client) },
    edgeHost: { address: peer.address, enter: entering(peer.pid) },
    serverHost: { address: behind.address, enter: entering(behind.pid) },
    readWire: () => {
      const link = readInterface(client, CLIENT_LINK);
      return {
        bytesDown: link.receivedBytes,
        bytesUp: link.sentBytes,
        packetsDown: link.receivedPackets,
        packetsUp: link.sentPackets,
        backplaneBytes: readInterface(behind.pid, 'lo').receivedBytes,
      };
    },
    ...(upstream !== undefined && { readUpstream: () => readUpstream(upstream) }),
    note: `${madeLink === undefined ? 'a veth pair' : LINK_WORDS[madeLink.means]} between two private network namespaces, MTU 1500, no segmentation offload, client ports ${ports.first} to ${ports.last}${upstream === undefined ? '' : '; a veth pair from the host between to the servers'}`,
    portsPerTarget: portCount(ports),
    link: cuttable(clientCable),
    ...(madeLink !== undefined && { madeLink }),
    [Symbol.asyncDispose]: async () => {
      await madeLink?.[Symbol.asyncDispose]();
      await release(holders);
    },
  };
}

const LINK_WORDS: Readonly<Record<MadeLink['means'], string>> = {
  netem: 'a veth pair with netem at both ends',
  relay: 'TAP devices, with a relay of packets from one to the other,',
};

function readUpstream({ pid, link }: End): UpstreamCounters {
  const { receivedBytes, sentBytes } = readInterface(pid, link);
  return {
    bytesDown: receivedBytes,
    bytesUp: sentBytes,
    // Nobody else connects to anything from there.
    connections: parseActiveOpens(readFileSync(`/proc/${pid}/net/snmp`, 'utf8')),
  };
}

/** Connections that a host has opened, of the text of /proc/net/snmp: a line of names, and one of values below it. */
export function parseActiveOpens(text: string): number {
  const [names, values] = text
    .split('\n')
    .filter((line) => line.startsWith('Tcp:'))
    .map((line) => line.split(' '));
  const opened = values?.[names?.indexOf('ActiveOpens') ?? -1];
  if (opened === undefined) throw new Error('the system does not tell how many connections were opened');
  return Number(opened);
}

/** Starts a `cat` in a namespace made by `words`; resolves with its process id once the namespace is there. */
async function holdNamespace(words: readonly string[], holders: ChildProcess[]): Promise<number> {
  const [program, ...parameters] = [...words, 'cat'];
  const holder = spawn(program, parameters, {
    detached: true,
    env: plainEnvironment(),
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  holders.push(holder);
  await new Promise<void>((resolve, reject) => {
    let complaint = '';
    holder.stderr.setEncoding('utf8').on('data', (text: string) => (complaint += text));
    holder.once('error', reject);
    holder.once('exit', () =>
      reject(new Error(complaint.trim() === '' ? `${program} ended at once` : complaint.trim())),
    );
    // What comes back has passed through the namespace: it is there.
    holder.stdout.once('data', () => resolve());
    holder.stdin.on('error', () => undefined);
    holder.stdin.write('ready\n');
  });
  if (holder.pid === undefined) throw new Error(`${program} has no process id`);
  return holder.pid;
}

interface PortRange {
  readonly first: number;
  readonly last: number;
}

const PORT_RANGE = '/proc/sys/net/ipv4/ip_local_port_range';
/** Where the system does not tell its range: that of IANA, which macOS has too. */
const ASSUMED_PORTS: PortRange = { first: 49_152, last: 65_535 };
/** Next to nobody listens on a host that connects, so it may have every port that is not reserved. */
const WIDEST_PORTS = '1024 65535';

/**
 * The kernel's own range is 28,232 ports, and beyond the half of it each connect to one address searches long for a free
 * one. Where /proc/sys may not be written, it stays as it is.
 */
async function widenPorts(host: number): Promise<PortRange> {
  const script = `echo ${WIDEST_PORTS} 2>/dev/null >${PORT_RANGE}; cat ${PORT_RANGE}`;
  return parsePortRange(await inside(host, ['sh', '-c', script]));
}

/** How many connections this machine's own addresses can have to one address and port. */
export function portsOfMachine(): number {
  try {
    return portCount(parsePortRange(readFileSync(PORT_RANGE, 'utf8')));
  } catch {
    return portCount(ASSUMED_PORTS);
  }
}

function parsePortRange(text: string): PortRange {
  const [first = ASSUMED_PORTS.first, last = ASSUMED_PORTS.last] = text.trim().split(/\s+/).map(Number);
  return { first, last };
}

function portCount({ first, last }: PortRange): number {
  return last - first + 1;
}

async function release(holders: readonly ChildProcess[]): Promise<void> {
  await Promise.all(
    holders.map(async (holder) => {
      if (holder.exitCode !== null || holder.signalCode !== null || holder.pid === undefined) return;
      const gone = new Promise<void>((resolve) => {
        holder.once('exit', () => resolve());
      });
      holder.kill('SIGKILL');
      await gone;
    }),
  );
}

interface InterfaceCounters {
  readonly receivedBytes: number;
  readonly receivedPackets: number;
  readonly sentBytes: number;
  readonly sentPackets: number;
}

function readInterface(pid: number, name: string): InterfaceCounters {
  const counters = parseInterface(readFileSync(`/proc/${pid}/net/dev`, 'utf8'), name);
  if (counters === undefined) throw new Error(`the interface ${name} is gone`);
  return counters;
}

/** One interface of the text of /proc/net/dev. */
export function parseInterface(text: string, name: string): InterfaceCounters | undefined {
  const line = text.split('\n').find((candidate) => candidate.trimStart().startsWith(`${name}:`));
  const fields = line
    ?.slice(line.indexOf(':') + 1)
    .trim()
    .split(/\s+/)
    .map(Number);
  if (fields === undefined) return undefined;
  const [receivedBytes = 0, receivedPackets = 0, , , , , , , sentBytes = 0, sentPackets = 0] = fields;
  return { receivedBytes, receivedPackets, sentBytes, sentPackets };
}

function firstLine(error: unknown): string {
  const text =
    error instanceof Error && 'stderr' in error && typeof error.stderr === 'string' && error.stderr !== ''
      ? error.stderr
      : errorMessage(error);
  return text.trim().split('\n')[0] ?? '';
}
