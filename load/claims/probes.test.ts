import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { PROBE_FIGURES, type ProbeId } from '../../scenarios/claims/figures.ts';
import { reconnectPolicy, nextWaitMs } from '../../scenarios/reconnect/policy.ts';
import { REAL_TIME } from '../../scenarios/testing/conditions.ts';
import { NS_PER_SECOND } from '../../scenarios/units.ts';
import { guidesWaitsMs } from './backoff.ts';
import { PROBE_IDS } from './probes.ts';
import { runProbe } from './run-probes.ts';

const never = new AbortController().signal;

async function figuresOf(id: ProbeId): Promise<Readonly<Record<string, readonly number[]>>> {
  const probed = await runProbe(id, { redisUrl: undefined, stop: never });
  if (probed?.kind !== 'measured') throw new Error(probed?.failure.message ?? 'stopped');
  const figures = Object.entries(probed.figures).map(([key, values]) => [key.slice(id.length + 1), values] as const);
  expect(figures.map(([name]) => name).toSorted()).toEqual(Object.keys(PROBE_FIGURES[id]).toSorted());
  return Object.fromEntries(figures);
}

test('frames cost what RFC 6455 says, either way', async () => {
  expect(await figuresOf('frames')).toEqual({
    serverBytes: [2, 2, 4, 4, 10, 10],
    clientBytes: [6, 6, 8, 8, 14, 14],
  });
});

test(
  'a poll is its headers and an empty list, over HTTP/2 far less, and an upgrade is answered as the RFC says',
  REAL_TIME,
  async () => {
    const figures = await figuresOf('exchanges');
    const { pollHeaderBytes = [], pollBytes = [], http2PollBytes = [], acceptedUpgrades } = figures;
    const { tlsPollBytes = [], http2TlsPollBytes = [] } = figures;
    expect(pollHeaderBytes.length).toBeGreaterThan(1);
    expect(pollBytes).toEqual(pollHeaderBytes.map((bytes) => bytes + '[]'.length));
    expect(Math.min(...pollHeaderBytes)).toBeGreaterThan(500);
    // Two frames of headers, one of data, and what the tables leave of the headers.
    expect(Math.min(...http2PollBytes)).toBeGreaterThan(3 * 9 + '[]'.length);
    expect(Math.max(...http2PollBytes)).toBeLessThan(200);
    // Of a record of TLS 1.3 its head, its kind and its tag (RFC 8446, section 5.2): one each way, and one a frame of HTTP/2.
    const record = 5 + 1 + 16;
    expect(Math.min(...tlsPollBytes)).toBe((pollBytes[0] ?? 0) + 2 * record + 'https'.length - 'http'.length);
    expect(Math.max(...tlsPollBytes)).toBe(Math.min(...tlsPollBytes));
    for (const bytes of http2TlsPollBytes) expect((bytes - (http2PollBytes[0] ?? 0)) % record).toBe(0);
    expect(Math.max(...http2TlsPollBytes)).toBeLessThan(250);
    expect(acceptedUpgrades).toEqual([1, 1, 1]);
  },
);

test('the guide’s client waits as it says, gives up after three minutes, and is the policy of that name', async () => {
  const { asSaid, waitNs = [], jitteredWaitNs = [], barePeak } = await figuresOf('backoff');
  expect(asSaid).toEqual(Array.from({ length: 10 }, () => 1));
  expect(waitNs.reduce((sum, ns) => sum + ns, 0)).toBe(181 * NS_PER_SECOND);
  expect(Math.max(...jitteredWaitNs)).toBeGreaterThan(30 * NS_PER_SECOND);
  // All of 10,000 clients in the same tenth of a second.
  expect(barePeak).toEqual([100_000, 100_000, 100_000]);
  const half = (): number => 0.5;
  const policy = guidesWaitsMs(half).map((waitedMs, tries) =>
    nextWaitMs(reconnectPolicy('guide'), { tries, waitedMs }, half),
  );
  expect(policy).toEqual(guidesWaitsMs(half));
});

test('a log has the token of a URL, and none of a first message', async () => {
  expect(await figuresOf('logs')).toEqual({ urlTokens: [1, 1, 1, 1, 1], messageTokens: [0, 0, 0, 0, 0] });
});

test('both libraries do what their tables say', REAL_TIME, async () => {
  const { backNs = [], waitGrowth = [], ...rest } = await figuresOf('socketio');
  expect(backNs).toHaveLength(1);
  expect(Math.min(...waitGrowth)).toBeGreaterThan(4);
  expect(rest).toMatchObject({
    plainBack: [0],
    insidersReached: [1, 1],
    outsidersReached: [0, 0],
    withoutUpgrade: [1],
    plainWithoutUpgrade: [0],
    ownEvents: [1],
    plainEvents: [1],
    binaryDetected: [1],
    plainBinary: [1],
    standardServed: [1],
    foreignServed: [0, 0],
  });
});

test('a message costs on its socket what each protocol says', REAL_TIME, async () => {
  const { webSocketBytes, socketioBytes, otherTimes = [], promptShare } = await figuresOf('pushes');
  expect(webSocketBytes).toEqual([4, 4, 4, 4, 4]);
  // A frame of 4 B, and `42["m",` with `]`.
  expect(socketioBytes).toEqual([12, 12, 12, 12, 12]);
  expect(Math.min(...otherTimes)).toBe(3);
  expect(promptShare).toHaveLength(3);
});

test('a probe that is stopped gives nothing, and ends what it has started', async () => {
  const stop = new AbortController();
  const probing = runProbe('heartbeat', { redisUrl: undefined, stop: stop.signal });
  stop.abort();
  expect(await probing).toBeUndefined();
  expect(PROBE_IDS.length).toBeGreaterThan(0);
});

test('a probe leaves nothing behind that keeps a program from its end', REAL_TIME, async () => {
  const program = `
    const { runProbe } = await import('${new URL('run-probes.ts', import.meta.url).href}');
    await runProbe('socketio', { redisUrl: undefined, stop: new AbortController().signal });
    process.stdout.write('measured');
    setTimeout(() => process.exit(1), 10_000).unref();`;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', program]);
  expect(stdout).toBe('measured');
});
