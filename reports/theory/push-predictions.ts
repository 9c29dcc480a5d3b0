import type { MeasuredTrial } from '../../scenarios/result/result.ts';
import { framingBytes } from '../../scenarios/carriage.ts';
import type { Framing } from '../../scenarios/transport-traits.ts';
import { recordBytes } from '../../scenarios/tls/records.ts';
import { isOverTls, nodesOf } from '../../scenarios/variant.ts';
import { deliversLatest, LATEST_WINDOW_NS } from '../../scenarios/feed/conflation.ts';
import { NS_PER_SECOND } from '../../scenarios/units.ts';
import { realisedRate } from '../figures/feed-rate.ts';
import { isAvailable } from '../figures/figure.ts';
import { type Figures, latencyFigure } from '../figures/figures.ts';
import { beforeLogNs, NOTHING } from './before-log.ts';
import { compare, count, type Measured, number, type Prediction, size, time } from './prediction.ts';
import { medianReadingDelayNs } from './reading-delay.ts';
import { stageOfPush } from './stages.ts';
import { acknowledgements, fewestAcksPerPush, pushBytes, segmentsOf } from './wire-model.ts';

/**
 * A node writes to one client after the other, so the median client waits for half of them. By the law alone, N counts
 * the clients that one core serves; with what was measured on the way there (lateness, and the backplane's hop, in which
 * nodes that share a core have waited for each other already), N counts those of one node.
 */
export function predictPushStaleness({ trial, figures }: Measured): Prediction[] {
  const deliveryNs = figures.cpuNsPerDelivery.node;
  if (!isAvailable(deliveryNs)) return [];
  const statement = { unit: 'ns', measured: latencyFigure(figures.staleness, 'p50Ns') } as const;
  const delayNs = trial.oneWayDelayNs;
  const leftOut = beforeLogNs(trial, 'p50Ns');
  const perCore = Math.ceil(trial.clients / nodesAtOnce(trial));
  const perNode = Math.ceil(trial.clients / nodesOf(trial.variant));
  const given = [time('d', delayNs), time('c', deliveryNs)];
  const readingNs = medianReadingNs(trial, figures);
  return [
    compare({
      ...statement,
      quantity: 'median staleness',
      formula: 'd + (N + 1)c/2',
      inputs: [...given, count('N', perCore, ' a core')],
      predicted: delayNs + ((perCore + 1) * deliveryNs) / 2,
      stage: (residualNs) => stageOfPush({ residualNs, leftOut }, readingNs),
    }),
    // Where the hop is not seen, the sum of the stages is not known.
    ...(trial.sources.backplane?.kind === 'n/a'
      ? []
      : [
          compare({
            ...statement,
            quantity: 'median staleness, by stages',
            formula: 'l + b + d + (N + 1)c/2',
            inputs: [
              time('l', leftOut.publisherNs),
              time('b', leftOut.backplaneNs),
              ...given,
              count('N', perNode, ' a node'),
            ],
            predicted: leftOut.publisherNs + leftOut.backplaneNs + delayNs + ((perNode + 1) * deliveryNs) / 2,
            stage: (residualNs) => stageOfPush({ residualNs, leftOut: NOTHING }, readingNs),
          }),
        ]),
  ];
}

/** How long the median message waits for the generator, at the least; 0 where its cost is not known. */
function medianReadingNs(trial: MeasuredTrial, { cpuNsPerDelivery: { worker, node } }: Figures): number {
  if (!isAvailable(worker) || !isAvailable(node)) return 0;
  const workers = Math.max(1, trial.processes.filter(({ role }) => role === 'worker').length);
  return medianReadingDelayNs({
    messages: Math.ceil(trial.clients / workers),
    arrivalNs: (node * workers) / nodesAtOnce(trial),
    readNs: worker,
  });
}

/** How many nodes can run at the same time; where nothing is pinned it is taken to be all of them. */
export function nodesAtOnce({ processes, variant }: MeasuredTrial): number {
  const cores = new Set(processes.filter(({ role }) => role === 'node').flatMap((node) => node.cores));
  return cores.size === 0 ? nodesOf(variant) : Math.min(nodesOf(variant), cores.size);
}

export function predictPushBytes(
  { result, trial, figures }: Measured,
  { framing, writes = 1 }: { readonly framing: Framing; readonly writes?: number | undefined },
): Prediction[] {
  const payloadBytes = figures.payloadBytesPerMessage;
  if (!isAvailable(payloadBytes)) return [];
  const headerBytes = framingBytes(framing, payloadBytes);
  const tlsBytes = isOverTls(trial.variant) ? recordBytes(payloadBytes + headerBytes, writes) : 0;
  const frameBytes = payloadBytes + headerBytes + tlsBytes;
  const segments = segmentsOf(frameBytes);
  const given = [
    size('P', payloadBytes),
    count('f', headerBytes, ' B'),
    ...(tlsBytes === 0 ? [] : [count('t', tlsBytes, ' B')]),
  ];
  const carried = tlsBytes === 0 ? 'P + f' : 'P + f + t';
  const fewestAcks = fewestAcksPerPush(result.workload.feed.kind, realisedRate(trial));
  const together = pushedTogether(trial, figures);
  /** What the segments of the other writes add; each may have an ACK of its own. */
  const apartBytes = (writes - 1) * pushBytes(0, 1);
  const law =
    together > 1
      ? {
          formula: `${carried} + h × (s + k) ÷ m, s and k at most m`,
          inputs: [...given, number('m', together)],
          low: fewestPushBytes(together * frameBytes) / together,
        }
      : {
          formula: segments === 1 ? `${carried} + h × (1 + k)` : `${carried} + h × (s + k), k at most s`,
          inputs: [
            ...given,
            count('s', segments + writes - 1),
            { symbol: 'k', value: fewestAcks, kind: 'up-to-one' as const },
          ],
          low: pushBytes(frameBytes, fewestAcks * acknowledgements(segments).fewest),
        };
  return [
    compare({
      quantity: 'wire bytes per message',
      formula: law.formula,
      inputs: law.inputs,
      unit: 'bytes',
      stage: 'wire',
      predicted: {
        low: law.low + apartBytes,
        high: pushBytes(frameBytes, acknowledgements(segments).most) + 2 * apartBytes,
      },
      measured: figures.wireBytesPerMessage.total,
    }),
  ];
}

/**
 * What goes out at the end of a window goes out together: a door may put it into segments of its own, or into shared ones. As
 * many as came to a client in that time.
 */
function pushedTogether(trial: MeasuredTrial, { deliveriesPerSecond }: Figures): number {
  if (!deliversLatest(trial.variant.values) || !isAvailable(deliveriesPerSecond)) return 1;
  return Math.max(1, ((deliveriesPerSecond / trial.clients) * LATEST_WINDOW_NS) / NS_PER_SECOND);
}

function fewestPushBytes(bytes: number): number {
  return pushBytes(bytes, acknowledgements(segmentsOf(bytes)).fewest);
}
