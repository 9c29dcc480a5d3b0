import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isSilent } from './kinds/feed-kinds.ts';
import { payloadData } from './payload.ts';
import { countDue } from './schedule.ts';
import { loadWorkload, parseWorkload, workloadNames } from './workload.ts';

const valid = {
  description: 'one a second',
  clients: 3,
  feed: { kind: 'fixed', messagesPerSecond: 1 },
  payload: { kind: 'stock-prices', bytes: 200 },
};

function parse(value: unknown): unknown {
  return parseWorkload('mine', JSON.stringify(value), 'some/mine.json');
}

describe('a workload', () => {
  test('has what was left out from the house', () => {
    expect(parse(valid)).toEqual({ name: 'mine', ...valid, pollIntervalNs: 3e9, durationNs: 6e9, faults: [] });
  });

  test('says in the words of the command line what is measured where nobody asks', () => {
    const options = { shape: 'websocket', backplane: 'memory' };
    expect(parse({ ...valid, options })).toMatchObject({ options: [options] });
    expect(parse({ ...valid, options: [{}, options] })).toMatchObject({ options: [{}, options] });
    expect(() => parse({ ...valid, options: { nodes: 3 } })).toThrow('options.nodes: Invalid input: expected string');
  });

  test('has durations in nanoseconds', () => {
    expect(parse({ ...valid, pollInterval: '250ms', duration: '2m' })).toMatchObject({
      pollIntervalNs: 250e6,
      durationNs: 120e9,
      faults: [],
    });
  });

  test.each([
    [
      'an unknown key',
      { ...valid, colour: 'red' },
      'some/mine.json: there is no "colour"; there are $schema, description,',
    ],
    [
      'an unknown key further in',
      { ...valid, feed: { ...valid.feed, burst: 2 } },
      'feed: there is no "burst"; there are kind, messagesPerSecond',
    ],
    ['a wrong type', { ...valid, clients: 'many' }, 'clients: Invalid input: expected number'],
    ['half a client', { ...valid, clients: 1.5 }, 'clients: '],
    ['no client', { ...valid, clients: 0 }, 'clients: '],
    ['what is missing', { ...valid, clients: undefined }, 'some/mine.json: clients: is missing'],
    ['what is missing of a choice', { ...valid, feed: undefined }, 'feed: '],
    [
      'another kind of feed',
      { ...valid, feed: { kind: 'bursty', messagesPerSecond: 1 } },
      'feed.kind: there is no such kind; there are fixed, poisson, conversation, direct, streams, rounds, none',
    ],
    [
      'a feed that stands still',
      { ...valid, feed: { kind: 'fixed', messagesPerSecond: 0 } },
      'feed.messagesPerSecond: ',
    ],
    ['another kind of payload', { ...valid, payload: { kind: 'poems', bytes: 200 } }, 'payload.kind: '],
    [
      'a payload without room for its facts',
      { ...valid, payload: { ...valid.payload, bytes: 149 } },
      'payload.bytes: ',
    ],
    ['a duration without a unit', { ...valid, duration: '10' }, 'some/mine.json: duration: "10" is not a duration'],
    [
      'a duration of months',
      { ...valid, duration: '2000h' },
      'some/mine.json: duration: "2000h" is too long: at most 168h',
    ],
    ['polls more often than timers ring', { ...valid, pollInterval: '5us' }, '"5us" is too short: at least 1ms'],
    ['a duration that is a number', { ...valid, pollInterval: 3 }, 'pollInterval: '],
    ['no object', [], 'some/mine.json: Invalid input: expected object'],
  ])('is refused for %s, with its path', (_name, value, problem) => {
    expect(() => parse(value)).toThrow(expect.objectContaining({ code: 'usage' }) as Error);
    expect(() => parse(value)).toThrow(problem);
  });

  test('is refused for all that is wrong with it at once', () => {
    const value = { ...valid, clients: 0, feed: { kind: 'fixed' }, duration: '10', colour: 'red' };
    expect(() => parse(value)).toThrow(
      /^some\/mine\.json: clients: .+; feed\.messagesPerSecond: is missing; duration: .+; there is no "colour"/,
    );
  });

  test.each<{ of: string; least: number; most: number; where: (value: number) => unknown }>([
    { of: 'clients', least: 1, most: 1_000_000, where: (clients) => ({ ...valid, clients }) },
    {
      of: 'messagesPerSecond',
      least: 0.001,
      most: 100_000,
      where: (messagesPerSecond) => ({ ...valid, feed: { ...valid.feed, messagesPerSecond } }),
    },
    {
      of: 'bytes',
      least: 150,
      most: 1_048_576,
      where: (bytes) => ({ ...valid, payload: { ...valid.payload, bytes } }),
    },
  ])('has $of from $least to $most', ({ least, most, where }) => {
    for (const value of [least, most]) expect(parse(where(value))).toMatchObject(where(value) as object);
    for (const value of [least * 0.9, most + 1]) expect(() => parse(where(value))).toThrow('some/mine.json: ');
  });

  test('may say nothing, and how often connections show a sign of life', () => {
    const { payload: _none, ...rest } = valid;
    expect(parse({ ...rest, feed: { kind: 'none' }, heartbeat: '6s' })).toMatchObject({
      feed: { kind: 'none', messagesPerSecond: 0 },
      heartbeatNs: 6e9,
    });
    expect(parse(valid)).not.toHaveProperty('heartbeatNs');
    expect(parse({ ...valid, heartbeat: '1h' })).toMatchObject({ heartbeatNs: 3.6e12 });
    for (const heartbeat of ['10ms', '61m']) expect(() => parse({ ...valid, heartbeat })).toThrow('heartbeat: ');
  });

  test('says what it is', () => {
    expect(() => parse({ ...valid, description: '' })).toThrow('description: ');
  });

  test('is refused where it is no JSON', () => {
    expect(() => parseWorkload('mine', '{"clients": 3,', 'mine.json')).toThrow('mine.json is not JSON: ');
  });

  test.each(['', '.', '..', 'a b', 'a/b', 'a.b', 'größe'])('is refused with the name %j', (name) => {
    expect(() => parseWorkload(name, JSON.stringify(valid), 'x.json')).toThrow('x.json: name the file with letters');
  });
});

describe('loading', () => {
  let directory: string;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'feedbench-workload-'));
  });

  afterAll(async () => {
    await rm(directory, { recursive: true });
  });

  test('takes a file of the user, named after it', async () => {
    const path = join(directory, 'my-feed.json');
    await writeFile(path, JSON.stringify(valid));
    expect(loadWorkload(path)).toMatchObject({ name: 'my-feed', clients: 3 });
  });

  test('takes a file with a byte order mark, as Windows editors save it', async () => {
    const path = join(directory, 'marked.json');
    await writeFile(path, `\uFEFF${JSON.stringify(valid)}`);
    expect(loadWorkload(path)).toMatchObject({ name: 'marked', clients: 3 });
  });

  test('says which file cannot be read', () => {
    const path = join(directory, 'missing.json');
    expect(() => loadWorkload(path)).toThrow(`cannot read the workload ${path}: ENOENT`);
    expect(() => loadWorkload(path)).toThrow(expect.objectContaining({ code: 'unreadable' }) as Error);
  });

  test.each(['tickr', '', '../workloads/ticker', 'TICKER '])('says what there is instead of %j', (name) => {
    expect(() => loadWorkload(name)).toThrow(
      `no scenario is called "${name}"; there are ${workloadNames().join(', ')}`,
    );
    expect(() => loadWorkload(name)).toThrow(expect.objectContaining({ code: 'usage' }) as Error);
  });
});

describe('what comes with feedbench', () => {
  test('is there', () => {
    expect(workloadNames()).toEqual(expect.arrayContaining(['scores', 'ticker']));
  });

  test.each(workloadNames())('%s is valid, and its messages have their size', (name) => {
    const { payload, description } = loadWorkload(name);
    expect(description).not.toContain('\n');
    for (let index = 0; index < 500; index++) {
      expect(Buffer.byteLength(payloadData(payload, 1, index))).toBe(payload.bytes);
    }
  });

  /** As a run has them that is asked for nothing else. */
  const [WARM_UP_NS, SEED] = [3e9, 1];

  test.each(workloadNames())('%s has the messages for a median in a single trial, where anything is said', (name) => {
    const { feed, durationNs } = loadWorkload(name);
    if (isSilent(feed)) return;
    const inWindow = countDue(feed, WARM_UP_NS + durationNs, SEED) - countDue(feed, WARM_UP_NS, SEED);
    expect(inWindow * (1 - 0.5)).toBeGreaterThanOrEqual(10);
  });

  test('scores has polls that find nothing, and not so many that nothing else is seen', () => {
    const { feed, pollIntervalNs } = loadWorkload('scores');
    const messagesPerPoll = (feed.messagesPerSecond * pollIntervalNs) / 1e9;
    expect(messagesPerPoll).toBeGreaterThanOrEqual(1);
    expect(messagesPerPoll).toBeLessThanOrEqual(2);
  });
});
