import { formatDuration, NS_PER_SECOND } from '../../../scenarios/units.ts';
import type { ClaimRun, HERE } from '../figure-keys.ts';
import type { Taken } from '../taken.ts';
import type { Bound, Claim } from '../verdict.ts';

const RECONNECTION = 'Reconnection with Exponential Backoff';
/**
 * A herd is prevented where its peak is less than a third of the one without jitter. The guide's clients come over a fifth of a
 * second instead of at once, and a peak is that of a tenth: the half of it is what that can come to.
 */
const PREVENTED = 1 / 3;

type Run = ClaimRun | typeof HERE;

/** Clients that come back, and servers that look after those that do not answer. */
export const BACK_CLAIMS: readonly Claim[] = [
  {
    id: 'backoff',
    place: RECONNECTION,
    said: 'Exponential backoff: 1s, 2s, 4s, 8s, 16s... max 30s',
    how: 'The guide’s own client, with a server that is not there and a clock that does not wait: each time that it would, without its jitter.',
    bounds: [{ figure: 'backoff.asSaid', least: 1 }],
    shown: ['backoff.waitNs', 'backoff.jitteredWaitNs'],
    numbers: (taken) => {
      const waits = taken.all('backoff.waitNs');
      const wholeNs = waits.reduce((sum, ns) => sum + ns, 0);
      return `${waits.map((ns) => ns / NS_PER_SECOND).join(', ')} s; after ${waits.length} tries, ${formatDuration(wholeNs)} in all, it gives up for good. With its jitter the longest wait was ${taken.text('backoff.jitteredWaitNs')}`;
    },
  },
  {
    id: 'thundering-herd',
    place: RECONNECTION,
    said: 'Add jitter to prevent thundering herd … to avoid overwhelming the server',
    how: 'Most connects in a tenth of a second, as a rate, after one of three nodes was killed under 1,000 WebSockets, by those without jitter in the same block; and of 10,000 clients simulated, whose server takes everybody.',
    bounds: [...herdBounds('herd'), { figure: 'backoff.guideTimes', most: PREVENTED }],
    shown: [
      ...herdFigures('herd'),
      'herd.fullPeak',
      'herd.fullBackNs',
      'backoff.guidePeak',
      'backoff.barePeak',
      'backoff.fullPeak',
    ],
    numbers: (taken) =>
      `${herdText(taken, 'herd')}; simulated, where nothing but the waits counts: ${taken.text('backoff.guidePeak')}, ${taken.text('backoff.barePeak')} and ${taken.text('backoff.fullPeak')}`,
    here: { bounds: herdBounds('here'), shown: herdFigures('here'), numbers: (taken) => herdText(taken, 'here') },
  },
  {
    id: 'heartbeat',
    place: 'Server-Side Implementation',
    said: 'Heartbeat to detect stale connections',
    how: 'Clients that connect and answer no ping, at a heartbeat of a second: whether they are cut off, after how many heartbeats; CPU of a server that pings 500 clients, less that of one that pings 100, a ping.',
    bounds: [{ figure: 'heartbeat.foundShare', least: 1 }],
    shown: ['heartbeat.foundIntervals', 'heartbeat.pingCpuNs'],
    numbers: (taken) =>
      `${taken.text('heartbeat.foundShare')} cut off, after ${taken.rangeText('heartbeat.foundIntervals')} heartbeats: at the guide’s 30 s within a minute, and until then messages go nowhere; ${taken.spreadText('heartbeat.pingCpuNs')} of server CPU a ping`,
  },
  {
    id: 'close-codes',
    place: 'WebSocket Close Codes',
    said: '1000 Normal Closure, 1001 Going Away, 1006 Abnormal Closure, 1008 Policy Violation, 1011 Internal Error, 4000-4999 Application-defined',
    how: 'A client with the API of browsers, closed with each code; one whose server was killed; and one that asks a server of ours for what it may not have, with a token that is none, or while it stops: the code that the client sees.',
    bounds: [{ figure: 'closeCodes.seen', least: 1 }],
    numbers: (taken) => {
      const all = taken.all('closeCodes.seen');
      return `${all.filter((one) => one === 1).length} of ${all.length} closes came with their code`;
    },
  },
];

function herdBounds(run: Run): Bound[] {
  return [
    { figure: `${run}.guidePeakTimes`, most: PREVENTED },
    { figure: `${run}.guideNeverBack`, most: 0 },
  ];
}

function herdFigures(run: Run): `${Run}.${'guidePeak' | 'barePeak' | 'guideBackNs' | 'bareBackNs'}`[] {
  return [`${run}.guidePeak`, `${run}.barePeak`, `${run}.guideBackNs`, `${run}.bareBackNs`];
}

function herdText(taken: Taken, run: Run): string {
  const hasFull = ([`${run}.fullPeak`, `${run}.fullBackNs`] as const).every((key) => taken.all(key).length > 0);
  const fullText = hasFull
    ? `; full jitter: ${taken.spreadText(`${run}.fullPeak`)}, ${taken.text(`${run}.fullBackNs`)}`
    : '';
  const lost = taken.high(`${run}.guideNeverBack`);
  return `${taken.spreadText(`${run}.guidePeakTimes`)} the peak: the guide’s fifth of jitter ${taken.spreadText(`${run}.guidePeak`)}, all back after ${taken.text(`${run}.guideBackNs`)}; without jitter: ${taken.spreadText(`${run}.barePeak`)}, ${taken.text(`${run}.bareBackNs`)}${fullText}${lost === 0 ? '' : `; ${lost} never came back`}`;
}
