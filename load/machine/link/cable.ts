import { inside } from '../host.ts';
import type { LineCounts } from './line.ts';
import { addNetem, readNetem, suitsNetem } from './netem.ts';
import { type LinkOrder, type MadeLink, startRelay } from './relay.ts';

/** One end of what joins two hosts: the process that holds its namespace, its device, and its addresses. */
export interface End {
  readonly pid: number;
  readonly link: string;
  readonly address: string;
}

/** Two hosts that are joined; of the clients' cable theirs is the first. */
export type Cable = readonly [near: End, far: End];

/** Locally administered. */
const NEAR_HARDWARE = '02:00:00:00:00:01';
const FAR_HARDWARE = '02:00:00:00:00:02';
/** Nobody has this one: what goes to it is sent, and lost. */
const NOBODY = '02:00:00:00:00:fe';

/** One segment a packet: with segmentation offload a message of many packets would be counted as one. */
const NO_OFFLOAD = ['gso_max_segs', '1'];
/** A TAP device holds as many frames until the relay takes them: a burst to thousands of clients finds room. */
const MOST_WAITING_FRAMES = 20_000;

/** Joins two hosts by a veth pair. */
export async function lay(cable: Cable): Promise<void> {
  await pair(cable);
  await setUp(cable);
}

/** Joins them by what delays, limits and loses as ordered. Rejects where neither netem nor a relay is to be had. */
export async function layLink(cable: Cable, order: LinkOrder): Promise<MadeLink> {
  if (suitsNetem(order.link) && (await hasNetem(cable, order))) {
    await lay(cable);
    for (const { pid, link } of cable) await addNetem(async (command) => inside(pid, command), link, order.link);
    return byNetem(cable);
  }
  const [near, far] = cable;
  const relay = await startRelay(near, far, order);
  try {
    for (const { pid, link } of cable)
      await inside(pid, ['ip', 'link', 'set', link, ...NO_OFFLOAD, 'txqueuelen', String(MOST_WAITING_FRAMES)]);
    await setUp(cable);
  } catch (error) {
    await relay[Symbol.asyncDispose]();
    throw error;
  }
  return relay;
}

/** Clients are at the near end: what they send leaves by that one's device. */
async function byNetem([near, far]: Cable): Promise<MadeLink> {
  const read = async (): Promise<readonly [up: LineCounts, down: LineCounts]> => {
    const [up, down] = await Promise.all(
      [near, far].map(async ({ pid, link }) => readNetem(async (command) => inside(pid, command), link)),
    );
    if (up === undefined || down === undefined) throw new TypeError('a cable has two ends');
    return [up, down];
  };
  let before = await read();
  return {
    means: 'netem',
    begin: async () => {
      before = await read();
    },
    carried: async () => {
      const [up, down] = await read();
      return { up: since(before[0], up), down: since(before[1], down), failed: 0, lateness: null };
    },
    [Symbol.asyncDispose]: async () => undefined,
  };
}

function since(before: LineCounts, now: LineCounts): LineCounts {
  return {
    frames: now.frames - before.frames,
    bytes: now.bytes - before.bytes,
    lost: now.lost - before.lost,
    dropped: now.dropped - before.dropped,
  };
}

/** Tried on a device that carries nothing yet: many kernels come without it. */
async function hasNetem([{ pid }]: Cable, { link }: LinkOrder): Promise<boolean> {
  try {
    await addNetem(async (command) => inside(pid, command), 'lo', link);
  } catch {
    return false;
  }
  await inside(pid, ['tc', 'qdisc', 'del', 'dev', 'lo', 'root']);
  return true;
}

async function pair([near, far]: Cable): Promise<void> {
  const ends = [near.link, ...NO_OFFLOAD, 'type', 'veth', 'peer', 'name', far.link, ...NO_OFFLOAD];
  await inside(near.pid, ['ip', 'link', 'add', ...ends]);
  await inside(near.pid, ['ip', 'link', 'set', far.link, 'netns', String(far.pid)]);
}

async function setUp(cable: Cable): Promise<void> {
  for (const { end, hardware } of sides(cable)) {
    const { pid, link, address } = end;
    // No IPv6 address, and each knows the other: there is no neighbour discovery in the counters.
    await inside(pid, ['ip', 'link', 'set', link, 'address', hardware, 'addrgenmode', 'none']);
    await inside(pid, ['ip', 'address', 'add', `${address}/30`, 'dev', link]);
    await inside(pid, ['ip', 'link', 'set', 'lo', 'up']);
    await inside(pid, ['ip', 'link', 'set', link, 'up']);
  }
  await know(cable, 'each other');
}

interface Side {
  readonly end: End;
  readonly hardware: string;
  readonly other: { readonly end: End; readonly hardware: string };
}

function sides([near, far]: Cable): readonly [Side, Side] {
  const one = { end: near, hardware: NEAR_HARDWARE };
  const two = { end: far, hardware: FAR_HARDWARE };
  return [
    { ...one, other: two },
    { ...two, other: one },
  ];
}

/** Whom each takes the other for. Routes and addresses stay, so no connection is told. */
async function know(cable: Cable, whom: 'each other' | 'nobody'): Promise<void> {
  await Promise.all(
    sides(cable).map(async ({ end: { pid, link }, other }) => {
      const hardware = whom === 'nobody' ? NOBODY : other.hardware;
      const words = [other.end.address, 'lladdr', hardware, 'nud', 'permanent', 'dev', link];
      await inside(pid, ['ip', 'neighbour', 'replace', ...words]);
    }),
  );
}

/** A cable that can be cut. */
export interface Cuttable {
  /** What either host sends is lost from here on, and neither is told. */
  cut(): Promise<void>;
  mend(): Promise<void>;
}

export function cuttable(cable: Cable): Cuttable {
  return { cut: async () => know(cable, 'nobody'), mend: async () => know(cable, 'each other') };
}
