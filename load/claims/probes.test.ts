import { expect, test } from 'vitest';
import { CLAIM_FIGURE_IDS, type ClaimFigures } from '../../scenarios/claims/figures.ts';
import { REAL_TIME } from '../../scenarios/testing/conditions.ts';
import { NS_PER_SECOND } from '../../scenarios/units.ts';
import { PROBE_IDS, type ProbeId } from './probes.ts';
import { runProbe } from './run-probes.ts';

const never = new AbortController().signal;

async function figuresOf(id: ProbeId): Promise<ClaimFigures> {
  const probed = await runProbe(id, { redisUrl: undefined, stop: never });
  if (probed?.kind !== 'measured') throw new Error(probed?.failure.message ?? 'stopped');
  for (const figure of Object.keys(probed.figures)) expect(CLAIM_FIGURE_IDS).toContain(figure);
  return probed.figures;
}

test('frames cost what RFC 6455 says, either way', async () => {
  expect(await figuresOf('frames')).toEqual({
    serverFrameBytes: [2, 2, 4, 4, 10, 10],
    clientFrameBytes: [6, 6, 8, 8, 14, 14],
  });
});

test('a poll is its headers and an empty list, and an upgrade has no body', async () => {
  const { pollHeaderBytes = [], pollBytes = [], upgradeBytes = [] } = await figuresOf('exchanges');
  expect(pollHeaderBytes.length).toBeGreaterThan(1);
  expect(pollBytes).toEqual(pollHeaderBytes.map((bytes) => bytes + '[]'.length));
  expect(Math.min(...pollHeaderBytes, ...upgradeBytes)).toBeGreaterThan(500);
});

test('the guide’s client gives up after three minutes', async () => {
  const { guideWaitNs = [], simulatedBarePeak } = await figuresOf('backoff');
  expect(guideWaitNs.reduce((sum, ns) => sum + ns, 0)).toBe(181 * NS_PER_SECOND);
  // All of 10,000 clients in the same tenth of a second.
  expect(simulatedBarePeak).toEqual([100_000, 100_000, 100_000]);
});

test('a log has the token of a URL, and none of a first message', async () => {
  expect(await figuresOf('logs')).toEqual({ urlTokensLogged: [1, 1, 1, 1, 1], messageTokensLogged: [0, 0, 0, 0, 0] });
});

test('both libraries do what their tables say', REAL_TIME, async () => {
  const { socketioBackNs = [], ...rest } = await figuresOf('socketio');
  expect(socketioBackNs).toHaveLength(1);
  expect(rest).toMatchObject({
    webSocketBack: [0],
    roomMembersReached: [1],
    roomOthersReached: [0],
    socketioWithoutUpgrade: [1],
    webSocketWithoutUpgrade: [0],
    ownEvents: [1],
    binaryDetected: [1],
    foreignClientsServed: [0, 0],
  });
});

test('a probe that is stopped gives nothing, and ends what it has started', async () => {
  const stop = new AbortController();
  const probing = runProbe('heartbeat', { redisUrl: undefined, stop: stop.signal });
  stop.abort();
  expect(await probing).toBeUndefined();
  expect(PROBE_IDS.length).toBeGreaterThan(0);
});
