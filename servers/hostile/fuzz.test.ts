import { isDeepStrictEqual } from 'node:util';
import { describe, expect, test, vi } from 'vitest';
import { errorMessage } from '../../scenarios/failures.ts';
import { seededRandom } from '../../scenarios/feed/random.ts';
import { inLanes } from '../testing/lanes.ts';
import { mutated } from '../testing/mutated-bytes.ts';
import { singleValueSets, valuesText } from '../testing/value-sets.ts';
import { TRANSPORT_IDS } from '../registry.ts';
import { type Conversation, MESSAGES, record } from './conversation.ts';
import { judge, type Model, modelsOf, type Verdict } from './judged-stream.ts';
import { connectInMemory } from './memory-lines.ts';
import { play } from './played-conversation.ts';
import { fuzzSetting } from './fuzz-settings.ts';

/**
 * What the doors really send, played to the native clients: whole, cut at every byte, and changed. A transport is in it by its
 * row, with each value that takes another client. The kernel is left out, because so many connections would take
 * minutes; that it makes no difference is the first thing that is looked at.
 */

/** Streams of each client; `make fuzz` has fifty times as many. */
const STREAMS = fuzzSetting('FUZZ_STREAMS', 4000);
const SEED = fuzzSetting('FUZZ_SEED', 1);
const TELLS = process.env['FUZZ_STREAMS'] !== undefined;
const PATIENCE_MS = 600_000;
const LANES = 256;
const LAST_MESSAGE = MESSAGES.at(-1)?.[0] ?? '';
/** So many of the streams are played whole as well, to see whether the cuts make a difference. */
const EACH = 8;
vi.mock(import('../wire/client-socket.ts'), async (original) => {
  const { openClientSocket } = await original();
  return {
    openClientSocket: (address, events) => {
      const socket = connectInMemory(address.host, events)?.asSocket();
      return socket === undefined ? openClientSocket(address, events) : { socket, wire: socket };
    },
  };
});

const clients = TRANSPORT_IDS.flatMap((transport) =>
  singleValueSets(transport).map((values, index) => ({
    transport,
    values,
    isUsual: index === 0,
    name: `${transport}, ${valuesText(values)}`,
  })),
);

/** By what they are sent; clients that are sent the same bytes are one. */
const clientsBySent = new Map<string, string>();

function sameAs(name: string, { transport, parts }: Conversation): string | undefined {
  const key = [transport, ...parts.map(({ connection, bytes }) => `${connection}:${bytes.length}`)].join(' ');
  const other = clientsBySent.get(key);
  if (other === undefined) clientsBySent.set(key, name);
  return other;
}

/** Whether it is in the usual form what is sent, and the client as usual makes the same of it: then it is no other client. */
async function isReadAsUsual(models: readonly Model[]): Promise<boolean> {
  // Who asks for states says other requests, which this conversation does not answer.
  if (models.some(({ conversation }) => conversation.values.ask === 'etag')) return false;
  for (const { conversation, last, bytes, told, end } of models) {
    const [values = {}] = singleValueSets(conversation.transport);
    if (!conversation.parts.some((part) => part.bytes.includes(LAST_MESSAGE))) return false;
    const usual = await play({ conversation: { ...conversation, values }, last, bytes, cuts: [], expected: 0 });
    if (!isDeepStrictEqual([usual.told, usual.end], [told, end])) return false;
  }
  return true;
}

function cutsOf(seed: number, length: number): number[] {
  const random = seededRandom(seed);
  const places = Array.from({ length: 3 }, () => 1 + Math.floor(random() * (length - 1)));
  return length < 2 ? [] : [...new Set(places)].toSorted((a, b) => a - b);
}

async function verdictOn(models: readonly Model[], index: number): Promise<Verdict> {
  const seed = SEED * 1_000_003 + index;
  const model = models[seed % models.length];
  if (model === undefined) throw new Error('nothing was recorded');
  const bytes = mutated(model.bytes, seed);
  try {
    const verdict = await judge(model, { bytes, cuts: cutsOf(seed, bytes.length), isPlayedWhole: index % EACH === 0 });
    return verdict.fault === undefined ? verdict : { fault: `seed ${seed}: ${verdict.fault}` };
  } catch (error) {
    return { fault: `seed ${seed}, ${bytes.toString('base64')}: ${errorMessage(error)}` };
  }
}

/** How many ended how, the most frequent first. */
function outcomesOf(verdicts: readonly Verdict[]): string {
  const counts = new Map<string, number>();
  for (const { what } of verdicts) counts.set(what ?? 'fault', (counts.get(what ?? 'fault') ?? 0) + 1);
  const ordered = [...counts].toSorted(([, a], [, b]) => b - a);
  return ordered.map(([what, count]) => `${what} ${count}`).join(', ');
}

describe.each(clients)('$name', ({ name, transport, values, isUsual }) => {
  test('reads what its door sends, wherever that is cut and however it is changed', {
    timeout: PATIENCE_MS,
  }, async () => {
    const conversation = await record(transport, values);
    const models = await modelsOf(conversation);
    expect(models.at(-1)?.told).toEqual(conversation.told);
    if (sameAs(name, conversation) !== undefined) return;
    await expectSameWhereverCut(models);
    if (!isUsual && (await isReadAsUsual(models))) return;
    const verdicts: Verdict[] = [];
    await inLanes(STREAMS, async (index) => void verdicts.push(await verdictOn(models, index)), LANES);
    if (TELLS) process.stdout.write(`${name}: ${verdicts.length} streams, seed ${SEED}: ${outcomesOf(verdicts)}\n`);
    expect(verdicts.flatMap(({ fault }) => fault ?? []).slice(0, 5)).toEqual([]);
  });
});

async function expectSameWhereverCut(models: readonly Model[]): Promise<void> {
  for (const { conversation, last, bytes, told, end } of models) {
    await inLanes(
      bytes.length - 1,
      async (index) => {
        const cut = await play({ conversation, last, bytes, cuts: [index + 1], expected: 0 });
        expect({ told: cut.told, end: cut.end }).toEqual({ told, end });
      },
      LANES,
    );
  }
}
