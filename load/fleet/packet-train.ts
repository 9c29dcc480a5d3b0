import type { Socket } from 'node:dgram';
import { monotonicNs } from '../../scenarios/clock.ts';
import { queueBytes } from '../../scenarios/path/links.ts';
import { NS_PER_MS, NS_PER_SECOND } from '../../scenarios/units.ts';

/**
 * The rate of a line is measured by packets that are sent all at once: they come out as far from each other as the line takes
 * for one of them (packet-train dispersion; Jain & Routhier 1986). Each has its number, so what is lost changes nothing.
 */

/** Ethernet, IPv4 and UDP. */
const HEADER_BYTES = 42;
const FRAME_BYTES = 1514;
const FRAME_BITS = 8 * FRAME_BYTES;
const SHORTEST_TRAIN = 8;
const LONGEST_TRAIN = 1000;
const TRAIN_SECONDS = 0.1;

/** So many packets take a tenth of a second, and find room in the queue of the line. */
export function trainLength(bitsPerSecond: number): number {
  const roomFor = Math.floor(queueBytes(bitsPerSecond) / FRAME_BYTES) - 1;
  const wanted = Math.ceil((bitsPerSecond * TRAIN_SECONDS) / FRAME_BITS) + 1;
  return Math.min(Math.max(wanted, SHORTEST_TRAIN), roomFor, LONGEST_TRAIN);
}

interface Arrival {
  readonly number: number;
  readonly atNs: number;
}

/** Bits a second; 0 where fewer than two came. */
export function rateOf(arrivals: readonly Arrival[]): number {
  const [first] = arrivals;
  const last = arrivals.at(-1);
  if (first === undefined || last === undefined || last.number <= first.number) return 0;
  return ((last.number - first.number) * FRAME_BITS * NS_PER_SECOND) / (last.atNs - first.atNs);
}

export interface Place {
  readonly address: string;
  readonly port: number;
}

/** `send`: a train of so many, please; `packet`: one of a train, by its place; `rate`: how fast did it come; or so fast. */
type Word = 'send' | 'packet' | 'rate';

/** A train has a number of its own, so that what is late of one is not taken for another. */
type Message = readonly [word: Word, train: number, value: number];

function say(socket: Socket, { address, port }: Place, message: Message): void {
  const bytes = message[0] === 'packet' ? FRAME_BYTES - HEADER_BYTES : 0;
  socket.send(JSON.stringify(message).padEnd(bytes), port, address);
}

function sendTrain(socket: Socket, to: Place, { train, length }: { train: number; length: number }): void {
  for (let place = 0; place < length; place++) say(socket, to, ['packet', train, place]);
}

/** At the far end: sends a train to whoever asks for one, and says of each that came how fast it came. */
export function answerTrains(socket: Socket): void {
  const arrivals = new Map<number, Arrival[]>();
  socket.on('message', (bytes, from) => {
    const atNs = monotonicNs();
    const [word, train, value] = JSON.parse(bytes.toString()) as Message;
    const own = arrivals.get(train) ?? [];
    arrivals.set(train, own);
    if (word === 'send') sendTrain(socket, from, { train, length: value });
    else if (word === 'packet') own.push({ number: value, atNs });
    else say(socket, from, ['rate', train, rateOf(own)]);
  });
}

export interface AskedRates {
  readonly bitsPerSecondDown: number | null;
  readonly bitsPerSecondUp: number | null;
  readonly delayNs: number;
}

export type Rates = Pick<AskedRates, 'bitsPerSecondDown' | 'bitsPerSecondUp'>;

/** A program sends no faster: what a faster line carries is not told by its packets. */
const MOST_MEASURED_RATE = 200e6;
/** The first train may be slower than its line, because the code that sends it is new. */
const NEAR_ENOUGH = 0.95;
const TRIES = 5;
const LEAST_PATIENCE_MS = 500;

/** What the lines from and to the far end carry, null where nothing limits them or they are faster than can be told. Rejects where no train comes through. */
export async function measureRates(socket: Socket, far: Place, asked: AskedRates): Promise<Rates> {
  const patienceMs = LEAST_PATIENCE_MS + (4 * asked.delayNs) / NS_PER_MS;
  const measure = async (rate: number | null, goes: 'down' | 'up'): Promise<number | null> => {
    if (rate === null || rate > MOST_MEASURED_RATE) return null;
    let most = 0;
    const length = trainLength(rate);
    const ownMs = patienceMs + (1000 * length * FRAME_BITS) / rate;
    for (let train = 0; train < TRIES; train++) {
      const attempt = { socket, far, length, patienceMs: ownMs };
      const seen = goes === 'down' ? await rateDown(attempt, train) : await rateUp(attempt, TRIES + train);
      most = Math.max(most, seen);
      if (most >= NEAR_ENOUGH * rate) break;
    }
    if (most === 0) throw new Error(`no train of packets came through ${goes} the link`);
    return Math.round(most);
  };
  return {
    bitsPerSecondDown: await measure(asked.bitsPerSecondDown, 'down'),
    bitsPerSecondUp: await measure(asked.bitsPerSecondUp, 'up'),
  };
}

interface Attempt {
  readonly socket: Socket;
  readonly far: Place;
  readonly length: number;
  readonly patienceMs: number;
}

async function rateDown({ socket, far, length, patienceMs }: Attempt, train: number): Promise<number> {
  const arrivals: Arrival[] = [];
  const last = hear(socket, patienceMs, ([word, of, value]) => {
    if (word === 'packet' && of === train) arrivals.push({ number: value, atNs: monotonicNs() });
    return word === 'packet' && of === train && value === length - 1 ? value : undefined;
  });
  say(socket, far, ['send', train, length]);
  await last;
  return rateOf(arrivals);
}

async function rateUp({ socket, far, length, patienceMs }: Attempt, train: number): Promise<number> {
  const told = hear(socket, patienceMs, ([word, of, value]) => (word === 'rate' && of === train ? value : undefined));
  sendTrain(socket, far, { train, length });
  say(socket, far, ['rate', train, 0]);
  return (await told) ?? 0;
}

/** What is found in a message; undefined where it is in none that comes within that time. */
async function hear(
  socket: Socket,
  patienceMs: number,
  find: (message: Message) => number | undefined,
): Promise<number | undefined> {
  const { promise, resolve } = Promise.withResolvers<number | undefined>();
  const listen = (bytes: Buffer): void => {
    const found = find(JSON.parse(bytes.toString()) as Message);
    if (found !== undefined) resolve(found);
  };
  socket.on('message', listen);
  const impatience = setTimeout(resolve, patienceMs, undefined);
  try {
    return await promise;
  } finally {
    clearTimeout(impatience);
    socket.off('message', listen);
  }
}
