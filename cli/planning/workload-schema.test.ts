import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { DIMENSION_IDS, dimension } from '../../scenarios/dimensions.ts';
import { parseWorkload, workloadNames } from '../../scenarios/feed/workload.ts';
import { scenarioOptions } from '../../load/scenario-options.ts';
import { fullWorkloadSchema } from './workload-schema.ts';

/** As an editor has it: out of what is printed. */
const text = JSON.stringify(fullWorkloadSchema());
const printed = JSON.parse(text) as Parameters<typeof z.fromJSONSchema>[0];
const editor = z.fromJSONSchema(printed);

function fileOf(name: string): Record<string, unknown> {
  const path = join(import.meta.dirname, '..', '..', 'scenarios', 'workloads', `${name}.json`);
  return JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>;
}

function isRefused(file: object): boolean {
  try {
    scenarioOptions(parseWorkload('mine', JSON.stringify(file), 'mine.json'));
    return false;
  } catch {
    return true;
  }
}

test.each(workloadNames())('%s is valid by the schema that is printed', (name) => {
  expect(editor.safeParse({ $schema: './workload.schema.json', ...fileOf(name) }).error?.issues).toBeUndefined();
});

test.each<[string, object]>([
  ['a key that is not known', { colour: 'red' }],
  ['a key of another kind of feed', { feed: { kind: 'fixed', messagesPerSecond: 1, roomSize: 3 } }],
  ['a kind that is none', { feed: { kind: 'bursty', messagesPerSecond: 1 } }],
  ['a feed without its rate', { feed: { kind: 'poisson' } }],
  ['too small a payload', { payload: { kind: 'tokens', bytes: 10 } }],
  ['half a client', { clients: 1.5 }],
  ['an option that is none', { options: { node: '3' } }],
  ['a transport that is none', { options: { transport: 'sse,carrier-pigeon' } }],
  ['a value that is none', { options: [{ reconnect: 'never' }] }],
  ['a fault that is none', { faults: [{ at: '1s', kind: 'explode' }] }],
  ['a time without its unit', { duration: '10' }],
  ['a time that is none', { pollInterval: 'now and then' }],
  ['a time of a fault that is none', { faults: [{ at: '', kind: 'kill-node' }] }],
  ['a time without its unit among options', { options: { poll: '1s,3' } }],
  ['a number of nodes that is none', { options: { nodes: 'three' } }],
])('%s is refused by the schema as by the program', (_name, change) => {
  const file = { ...fileOf('ticker'), ...change };
  expect([editor.safeParse(file).success, isRefused(file)]).toEqual([false, true]);
});

test.each<[string, object]>([
  ['several transports, by their other names too', { options: { transport: 'ws, sse' } }],
  [
    'every option of the command line',
    { options: Object.fromEntries(DIMENSION_IDS.map((id) => [dimension(id).option, exampleOf(id)])) },
  ],
  [
    'a cut',
    {
      feed: {
        kind: 'streams',
        messagesPerSecond: 8,
        streamMessages: 9,
        streamPerSecond: 4,
        cut: { after: 2, share: 1 },
      },
    },
  ],
])('%s is taken by both', (_name, change) => {
  const file = { ...fileOf('ticker'), ...change };
  expect(editor.safeParse(file).error?.issues).toBeUndefined();
  expect(isRefused(file)).toBe(false);
});

function exampleOf(id: (typeof DIMENSION_IDS)[number]): string {
  const { values } = dimension(id);
  if (values.kind === 'choice') return Object.keys(values.of).join(',');
  return { count: '1,3', time: '1s,3s', rate: '1mbit,750kbit', share: '1%,0.5%' }[values.kind];
}

interface Described {
  readonly description?: string;
}

/** Every property of an object, with the path at which it stands. */
function propertiesIn(part: unknown, path = ''): [path: string, property: Described][] {
  if (typeof part !== 'object' || part === null) return [];
  const own = 'properties' in part ? Object.entries(part.properties as Record<string, Described>) : [];
  return [
    ...own.map(([name, property]): [string, Described] => [`${path}.${name}`, property]),
    ...Object.entries(part).flatMap(([key, value]) => propertiesIn(value, `${path}.${key}`)),
  ];
}

test('every key that somebody may write is described', () => {
  const all = propertiesIn(printed);
  const bare = all.flatMap(([path, { description }]) => (description === undefined ? [path] : []));
  expect(all.length).toBeGreaterThan(50);
  // Of a feed in which nothing is said, a rate says nothing.
  expect(bare.filter((path) => !path.endsWith('messagesPerSecond'))).toEqual([]);
});
