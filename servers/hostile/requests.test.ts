import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { monotonicNs } from '../../scenarios/clock.ts';
import { errorMessage } from '../../scenarios/failures.ts';
import type { MessageHeader } from '../../scenarios/feed/message.ts';
import { derivedRandom } from '../../scenarios/feed/random.ts';
import { REAL_TIME } from '../../scenarios/testing/conditions.ts';
import { NS_PER_SECOND } from '../../scenarios/units.ts';
import { headerProfile, TRANSPORT_IDS, type TransportId, TRANSPORTS, transportRow } from '../registry.ts';
import { inLanes } from '../testing/lanes.ts';
import { HTTP_DOORS } from '../answering/testing/test-follower.ts';
import { TestSubscriber } from '../testing/test-subscriber.ts';
import { type Attack, chosenAttack, type Target } from './attack.ts';
import type { AttackedNode, HeldMemory } from './attacked-node-process.ts';
import { ENGINEIO_ATTACKS } from './engineio-attacks.ts';
import { dribble, dribbleBody, FEED_ATTACKS, HTTP_ATTACKS, POST_ATTACKS } from './http-attacks.ts';
import { Line } from './line.ts';
import { OVER_WEBSOCKET, SOCKETIO_ATTACKS } from './socketio-attacks.ts';
import { COMMAND_ATTACKS, websocketAttacks } from './websocket-attacks.ts';
import { fuzzSetting } from './fuzz-settings.ts';

/**
 * Everything that a client can do wrong, to a node with every door, in a process of its own: what it answers, what it holds
 * afterwards, and what the clients that do nothing wrong notice of it.
 */

/** On each door; `make fuzz` has ten times as many. */
const ATTACKS = fuzzSetting('FUZZ_ATTACKS', 500);
const SEED = fuzzSetting('FUZZ_SEED', 1);
const PATIENCE_MS = 300_000;
const LANES = 32;
/** Attacks on each door before the node's memory is read first: code is compiled and pools are filled then. */
const WARM_UP = 300;
const SLOW_HEADS = 100;
/** A kilobyte of each attack that was kept would be about as much, where there are 5,000 on a door. */
const MOST_HEAP_BYTES = 4 * 1024 * 1024;
/** What the system lent the process for the largest of what it read, and it has not given back. */
const MOST_RESIDENT_BYTES = 128 * 1024 * 1024;
const MOST_DELAY_NS = 5 * NS_PER_SECOND;

/** What only some doors have; a transport that is not here is attacked as its kind of request is. */
const OWN: Readonly<Record<string, readonly Attack[]>> = {
  websocket: [...COMMAND_ATTACKS, ...websocketAttacks('')],
  socketio: [...SOCKETIO_ATTACKS, ...ENGINEIO_ATTACKS, ...websocketAttacks(OVER_WEBSOCKET)],
};

function attacksOn(transport: TransportId): readonly Attack[] {
  const own = OWN[transport];
  if (own !== undefined) return [...HTTP_ATTACKS, ...own];
  const { connectsBy, exemptions } = transportRow(transport);
  const plain = [...FEED_ATTACKS, ...(exemptions?.say === undefined ? POST_ATTACKS : [])];
  return [...HTTP_ATTACKS, ...(connectsBy === 'upgrade' ? websocketAttacks('') : plain)];
}

/** A client that does nothing wrong. */
class Bystander extends TestSubscriber {
  mostDelayNs = 0;

  override message(header: MessageHeader, bytes: number): void {
    super.message(header, bytes);
    this.mostDelayNs = Math.max(this.mostDelayNs, monotonicNs() - header.publishedNs);
  }
}

let node: ChildProcess;
let port = 0;
let bystanders: ReadonlyMap<TransportId, Bystander>;

async function bystanderAt(transport: TransportId): Promise<Bystander> {
  const { openSession } = await TRANSPORTS[transport].client();
  const bystander = new Bystander();
  const poll = { originNs: monotonicNs(), intervalNs: 20e6 };
  const options = { host: '127.0.0.1', port, values: {}, headers: headerProfile(), poll };
  bystander.session = openSession({ ...options, position: { kind: 'oldest' } }, bystander);
  await bystander.until(({ openings }) => openings === 1);
  return bystander;
}

async function heldMemory(): Promise<HeldMemory> {
  const told = once(node, 'message') as Promise<[HeldMemory]>;
  node.send('memory');
  const [memory] = await told;
  return memory;
}

beforeAll(async () => {
  node = fork(new URL('attacked-node-process.ts', import.meta.url));
  const [told] = (await once(node, 'message')) as [AttackedNode];
  ({ port } = told);
  bystanders = new Map(await Promise.all(TRANSPORT_IDS.map(async (id) => [id, await bystanderAt(id)] as const)));
});

afterAll(async () => {
  for (const bystander of bystanders.values()) bystander.close();
  const exited = once(node, 'exit');
  node.disconnect();
  await exited;
});

/** What was wrong with how the door took each of so many attacks. */
async function attack(transport: TransportId, count: number, seed: number): Promise<string[]> {
  const attacks = attacksOn(transport);
  const target: Target = { port, path: transportRow(transport).path };
  const faults: string[] = [];
  await inLanes(
    count,
    async (index) => {
      const random = derivedRandom(seed, index);
      const { name, run } = chosenAttack(attacks, random);
      await using line = new Line(port);
      try {
        await run(line, target, random);
      } catch (error) {
        faults.push(`${index}, ${name}: ${errorMessage(error)}`);
      }
    },
    LANES,
  );
  return faults;
}

describe.each(TRANSPORT_IDS)('the door of %s', (transport) => {
  const options = { timeout: PATIENCE_MS, ...REAL_TIME };
  test('answers as it should whatever is asked, and keeps nothing of it', options, async () => {
    await attack(transport, WARM_UP, SEED + 1);
    const before = await heldMemory();
    expect((await attack(transport, ATTACKS, SEED)).slice(0, 10)).toEqual([]);
    const after = await heldMemory();
    expect(after.heapBytes - before.heapBytes).toBeLessThan(MOST_HEAP_BYTES);
    expect(after.bufferBytes - before.bufferBytes).toBeLessThan(MOST_HEAP_BYTES);
    expect(after.residentBytes - before.residentBytes).toBeLessThan(MOST_RESIDENT_BYTES);
  });
});

test('heads and bodies that do not end are given up', { timeout: PATIENCE_MS, ...REAL_TIME }, async () => {
  const paths = TRANSPORT_IDS.map((transport) => transportRow(transport).path);
  let givenUp = 0;
  await inLanes(
    SLOW_HEADS,
    async (index) => {
      await using line = new Line(port);
      const takesBodies = HTTP_DOORS.map((transport) => transportRow(transport).path);
      if (index % 2 === 0) await dribble(line, { port, path: paths[index % paths.length] ?? '/' });
      else await dribbleBody(line, { port, path: takesBodies[index % takesBodies.length] ?? '/' });
      givenUp += 1;
    },
    SLOW_HEADS,
  );
  expect(givenUp).toBe(SLOW_HEADS);
});

test.each(TRANSPORT_IDS)('a client of %s noticed nothing', REAL_TIME, async (transport) => {
  const { published } = await heldMemory();
  const bystander = bystanders.get(transport);
  await bystander?.untilSeq(published);
  expect(bystander?.end).toBeUndefined();
  expect(bystander?.notices).toEqual([]);
  expect(bystander?.sequence).toEqual(Array.from(bystander?.sequence ?? [], (_, index) => index + 1));
  expect(bystander?.intact).toBe(true);
  expect(bystander?.mostDelayNs).toBeLessThan(MOST_DELAY_NS);
});
