import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { CLAIM_FIGURE_IDS, type ClaimFigureId, type ClaimFigures } from '../../scenarios/claims/figures.ts';
import { NS_PER_MS, NS_PER_SECOND } from '../../scenarios/units.ts';
import { CLAIMS } from './claims.ts';
import { CLAIM_RUNS } from './run-figures.ts';
import { claimsText } from './claims-text.ts';
import { leadText, judged } from './claims-page.ts';
import { type ClaimVerdict, numbersText, verdictOf, verdictText } from './verdict.ts';

/** As a quiet machine gives them, more or less. */
const TAKEN: ClaimFigures = {
  serverFrameBytes: [2, 2, 4, 4, 10, 10],
  clientFrameBytes: [6, 6, 8, 8, 14, 14],
  upgradeBytes: [760],
  pollHeaderBytes: [799],
  pollBytes: [801],
  pollingStalenessNs: [1.5 * NS_PER_SECOND, 1.51 * NS_PER_SECOND],
  longPollingStalenessNs: [4.09 * NS_PER_MS],
  webSocketStalenessNs: [2.3 * NS_PER_MS, 2.2 * NS_PER_MS],
  pollingMessageBytes: [332],
  longPollingMessageBytes: [1313],
  webSocketMessageBytes: [424],
  longPollingMessageCpuNs: [66_600],
  webSocketMessageCpuNs: [17_700],
  pollingMessageCpuNs: [20_100],
  busyEmptyShare: [0],
  messagesAnInterval: [60],
  frameOverheadBytes: [4],
  requestBytes: [0.24],
  quietEmptyShare: [0.7],
  quietMessagesAnInterval: [0.3],
  quietPollingBytes: [374],
  quietWebSocketBytes: [53],
  quietPollingCpuNs: [30_000],
  quietWebSocketCpuNs: [5000],
  quietPollBytes: [1120],
  fewClientsStalenessNs: [NS_PER_MS],
  fewClientsPromptShare: [0.41],
  manyClientsPromptShare: [0.12],
  heldConnections: [5000],
  heldFaults: [0],
  heldBytes: [15_700],
  guidePeak: [2380],
  barePeak: [2090],
  fullPeak: [1060],
  guideBackNs: [1.53 * NS_PER_SECOND],
  bareBackNs: [1.56 * NS_PER_SECOND],
  fullBackNs: [1.09 * NS_PER_SECOND],
  neverBack: [0],
  guideWaitNs: [1, 2, 4, 8, 16, 30, 30, 30, 30, 30].map((seconds) => seconds * NS_PER_SECOND),
  simulatedGuidePeak: [50_200],
  simulatedBarePeak: [100_000],
  simulatedFullPeak: [13_000],
  foundAfterIntervals: [1.01, 2.02],
  pingCpuNs: [20_000],
  redisAddedNs: [600_000],
  redisLost: [0],
  socketioBundleBytes: [14_800],
  socketioBackNs: [NS_PER_SECOND],
  webSocketBack: [0],
  roomMembersReached: [1],
  roomOthersReached: [0],
  webSocketRooms: [0],
  socketioWithoutUpgrade: [1],
  webSocketWithoutUpgrade: [0],
  ownEvents: [1],
  binaryDetected: [1],
  foreignClientsServed: [0, 0],
  ownCloseCodes: [1, 1, 1, 1, 1],
  pageAuthorization: [0],
  pageUpgrades: [3],
  builtIn: [1, 1],
  urlTokensLogged: [1, 1],
  messageTokensLogged: [0, 0],
};

function verdict(id: string, figures: ClaimFigures = TAKEN): ClaimVerdict {
  const claim = CLAIMS.find((one) => one.id === id);
  if (claim === undefined) throw new Error(`there is no claim ${id}`);
  return verdictOf(claim, figures);
}

test('each run has its workload, and each workload is run', () => {
  const files = readdirSync(join(import.meta.dirname, '..', '..', 'scenarios', 'claims'));
  expect(files.flatMap((file) => (file.endsWith('.json') ? file.slice(0, -5) : [])).toSorted()).toEqual(
    CLAIM_RUNS.toSorted(),
  );
});

describe('the claims', () => {
  test('have names of their own, rest on figures, and leave none unused', () => {
    expect(new Set(CLAIMS.map(({ id }) => id)).size).toBe(CLAIMS.length);
    const used = new Set<ClaimFigureId>(CLAIMS.flatMap(({ figures }) => figures));
    expect(CLAIM_FIGURE_IDS.filter((id) => !used.has(id))).toEqual([]);
  });

  test('each has a verdict and a number where everything was measured', () => {
    for (const { claim, verdict: one } of judged({ figures: TAKEN })) {
      expect([claim.id, one.kind]).not.toEqual([claim.id, 'not-decided']);
      expect(numbersText(one)).toMatch(/\d/);
      expect(numbersText(one)).not.toMatch(/NaN|undefined|Infinity/);
    }
  });

  test('say what is missing where a figure was not taken', () => {
    for (const { id, figures } of CLAIMS) {
      for (const absent of figures) {
        const { [absent]: _, ...rest } = TAKEN;
        expect([id, verdict(id, rest).kind]).toEqual([id, 'not-decided']);
        expect([id, verdict(id, { ...TAKEN, [absent]: [] }).kind]).toEqual([id, 'not-decided']);
      }
    }
  });
});

/** What was measured otherwise, and what follows. */
const OTHERWISE: readonly (readonly [string, ClaimFigures, string])[] = [
  ['frame-bytes', { clientFrameBytes: [6, 18] }, 'does not hold'],
  ['header-bytes', { pollHeaderBytes: [150] }, 'does not hold'],
  ['no-headers', { frameOverheadBytes: [4, 40] }, 'does not hold'],
  ['minimal-overhead', { upgradeBytes: [4000] }, 'does not hold'],
  ['zero-requests', { requestBytes: [0.24, 90] }, 'does not hold'],
  ['empty-polls', { busyEmptyShare: [0.8] }, 'holds'],
  ['empty-polls', { quietEmptyShare: [0.4] }, 'does not hold'],
  ['polling-inefficient', { pollingMessageBytes: [500] }, 'holds'],
  ['polling-wastes', { quietPollingBytes: [50] }, 'does not hold'],
  ['polling-wastes', { pollingMessageCpuNs: [60_000] }, 'holds'],
  ['long-polling-inefficient', { longPollingMessageBytes: [430] }, 'does not hold'],
  ['thousands', { heldFaults: [0, 3] }, 'does not hold'],
  ['thousands', { heldConnections: [900] }, 'does not hold'],
  ['polling-latency', { pollingStalenessNs: [2 * NS_PER_MS] }, 'does not hold'],
  ['long-polling-latency', { longPollingStalenessNs: [2.3 * NS_PER_MS] }, 'does not hold'],
  ['instant', { manyClientsPromptShare: [1] }, 'holds'],
  ['instant', { fewClientsPromptShare: [0.01] }, 'does not hold'],
  ['redis-bus', { redisLost: [1] }, 'does not hold'],
  ['backoff', { guideWaitNs: [NS_PER_SECOND, NS_PER_SECOND] }, 'does not hold'],
  ['thundering-herd', { guidePeak: [300] }, 'holds'],
  ['heartbeat', { foundAfterIntervals: [1, 4] }, 'does not hold'],
  ['close-codes', { ownCloseCodes: [1, 0, 1] }, 'does not hold'],
  ['no-authorization', { pageAuthorization: [1] }, 'does not hold'],
  ['token-in-url', { messageTokensLogged: [0, 1] }, 'does not hold'],
  ['bundle', { socketioBundleBytes: [19_000] }, 'holds'],
  ['built-in', { builtIn: [1, 0] }, 'does not hold'],
  ['auto-reconnect', { webSocketBack: [1] }, 'does not hold'],
  ['rooms', { roomOthersReached: [0.2] }, 'does not hold'],
  ['fallback', { socketioWithoutUpgrade: [0] }, 'does not hold'],
  ['event-names', { ownEvents: [0.8] }, 'does not hold'],
  ['binary', { binaryDetected: [0.5] }, 'does not hold'],
  ['interop', { foreignClientsServed: [0, 1] }, 'does not hold'],
];

describe('a verdict follows from the figures', () => {
  test.each(OTHERWISE)('%s with %o: %s', (id, figures, words) => {
    expect(verdictText(verdict(id, { ...TAKEN, ...figures }))).toBe(words);
    expect(verdictText(verdict(id))).not.toBe(words);
  });

  test('a spread herd of which some never come back is none that was prevented', () => {
    const figures = { ...TAKEN, guidePeak: [300], neverBack: [0, 2] };
    expect(verdictText(verdict('thundering-herd', figures))).toBe('does not hold');
    expect(numbersText(verdict('thundering-herd', figures))).toContain('2 never came back');
  });

  test('where polling and WebSocket cross is where a poll costs what its messages save', () => {
    // 1,120 B a poll; 332 − 1,120 / 60 = 313.3 B a message polled, 424 B pushed.
    expect(verdictText(verdict('polling-inefficient'))).toBe('holds when fewer than 10.1 messages come in an interval');
  });
});

test('the terminal says each claim with its verdict, its numbers, and how many hold', () => {
  const text = claimsText({ figures: TAKEN });
  for (const { said } of CLAIMS) expect(text).toContain(`"${said}": `);
  expect(text).toContain('  "2-14 bytes per frame": holds\n      2 B to 10 B from a server, 6 B to 14 B towards it');
  expect(text.trimEnd().endsWith(leadText(judged({ figures: TAKEN })))).toBe(true);
  expect(leadText(judged({ figures: TAKEN }))).toBe(
    'Of 28 claims 22 hold as they are said, 4 hold under a condition and 2 do not hold.',
  );
});
