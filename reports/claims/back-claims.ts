import { formatDuration, NS_PER_SECOND, significant } from '../../scenarios/units.ts';
import { type Claim, holdsIf } from './verdict.ts';

const RECONNECTION = 'Reconnection with Exponential Backoff';
const WAITS_S = [1, 2, 4, 8, 16, 30];
/** A peak that is less than this share of the one without jitter is another thing. */
const PREVENTED = 0.5;

/** Clients that come back, and servers that look after those that do not answer. */
export const BACK_CLAIMS: readonly Claim[] = [
  {
    id: 'backoff',
    place: RECONNECTION,
    said: 'Exponential backoff: 1s, 2s, 4s, 8s, 16s... max 30s',
    how: 'The waits of the guide’s client one by one, without its jitter, until it gives up.',
    figures: ['guideWaitNs'],
    judge: (taken) => {
      const waits = taken.all('guideWaitNs');
      const wholeNs = waits.reduce((sum, ns) => sum + ns, 0);
      return holdsIf(
        WAITS_S.every((seconds, index) => waits[index] === seconds * NS_PER_SECOND),
        `${waits.map((ns) => ns / NS_PER_SECOND).join(', ')} s; after ${waits.length} tries, ${formatDuration(wholeNs)} in all, it gives up for good`,
      );
    },
  },
  {
    id: 'thundering-herd',
    place: RECONNECTION,
    said: 'Add jitter to prevent thundering herd',
    how: 'Most connects in a tenth of a second, as a rate, after one of three nodes was killed under 1,000 WebSockets; and of 10,000 clients simulated, whose server takes everybody.',
    figures: [
      'guidePeak',
      'barePeak',
      'fullPeak',
      'guideBackNs',
      'bareBackNs',
      'fullBackNs',
      'neverBack',
      'simulatedGuidePeak',
      'simulatedBarePeak',
      'simulatedFullPeak',
    ],
    judge: (taken) => {
      const share = taken.middle('guidePeak') / taken.middle('barePeak');
      const numbers = `the guide’s fifth: ${taken.spreadText('guidePeak')}, all back after ${taken.text('guideBackNs')}; without jitter: ${taken.spreadText('barePeak')}, ${taken.text('bareBackNs')}; full jitter: ${taken.spreadText('fullPeak')}, ${taken.text('fullBackNs')}; simulated ${peak(taken.middle('simulatedGuidePeak'))}, ${peak(taken.middle('simulatedBarePeak'))} and ${peak(taken.middle('simulatedFullPeak'))}`;
      if (taken.high('neverBack') > 0) return holdsIf(false, `${taken.high('neverBack')} never came back; ${numbers}`);
      return holdsIf(share < PREVENTED, numbers);
    },
  },
  {
    id: 'heartbeat',
    place: 'Server-Side Implementation',
    said: 'Heartbeat to detect stale connections',
    how: 'Clients that connect and answer no ping: how many intervals until they are cut off; CPU of a server that pings 500 clients, less that of one that pings 100, a ping.',
    figures: ['foundAfterIntervals', 'pingCpuNs'],
    judge: (taken) =>
      holdsIf(
        // A busy machine is late by a part of an interval of a second.
        taken.high('foundAfterIntervals') <= 2.5,
        `cut off after ${taken.rangeText('foundAfterIntervals')} intervals, which is within two minutes at the guide’s 30 s; ${taken.text('pingCpuNs')} of server CPU a ping`,
      ),
  },
  {
    id: 'close-codes',
    place: 'WebSocket Close Codes',
    said: '1000 Normal Closure, 1001 Going Away, 1006 Abnormal Closure, 1008 Policy Violation, 4001 unauthorized',
    how: 'Five causes at a server, and what its client saw: a close, a server that stops, one that is killed, a channel of somebody else’s, a token that is none.',
    figures: ['ownCloseCodes'],
    judge: (taken) => {
      const all = taken.all('ownCloseCodes');
      const right = all.reduce((sum, one) => sum + one, 0);
      return holdsIf(right === all.length, `${right} of ${all.length} causes came with their code`);
    },
  },
];

function peak(perSecond: number): string {
  return significant(perSecond);
}
