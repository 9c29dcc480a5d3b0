import { type MeasuredTrial, windowNs } from '../../scenarios/result/result.ts';
import { formatDuration, NS_PER_MS } from '../../scenarios/units.ts';
import { isAvailable } from './figure.ts';
import { counterTotal, type Latency, latencyFigure, latencyOf, processCpuNs } from './figures.ts';
import { percentText } from './wording.ts';

/** Whether the instrument itself was too busy or too late for its own figures to be believed. */
export type Verdict =
  | { readonly state: 'trusted' }
  | { readonly state: 'suspect'; readonly reasons: readonly [string, ...string[]] };

const MOST_UTILIZATION = 0.7;
const MOST_CPU_SHARE = 0.8;
const MOST_LATENESS_NS = NS_PER_MS;
const MOST_STOLEN_SHARE = 0.01;
const MOST_LATENESS_SHARE = 0.05;

export function verdictOf(trial: MeasuredTrial): Verdict {
  const [first, ...rest] = [
    ...busyWorkers(trial),
    ...latePublisher(trial),
    ...stolenTime(trial),
    ...clockErrors(trial),
  ];
  return first === undefined ? { state: 'trusted' } : { state: 'suspect', reasons: [first, ...rest] };
}

function busyWorkers(trial: MeasuredTrial): string[] {
  return trial.processes
    .filter((process) => process.role === 'worker')
    .flatMap((process) => {
      const utilization = process.eventLoop?.utilization ?? 0;
      const cpuShare = windowNs(trial) === 0 ? 0 : processCpuNs(trial, process) / windowNs(trial);
      return [
        ...(utilization > MOST_UTILIZATION
          ? [`${process.name}: event loop busy ${percentText(utilization, 0)} of the time, more than 70 %`]
          : []),
        ...(cpuShare > MOST_CPU_SHARE
          ? [`${process.name}: CPU ${percentText(cpuShare, 0)} of a core, more than 80 %`]
          : []),
      ];
    });
}

function latePublisher(trial: MeasuredTrial): string[] {
  const latenessNs = p99(latencyOf(trial, 'lateness'));
  const stalenessNs = p99(latencyOf(trial, 'staleness'));
  if (latenessNs === undefined) return [];
  if (latenessNs > MOST_LATENESS_NS)
    return [`messages were published late: p99 ${formatDuration(latenessNs)}, more than 1 ms`];
  if (stalenessNs !== undefined && latenessNs > MOST_LATENESS_SHARE * stalenessNs) {
    const share = percentText(latenessNs / stalenessNs, 0);
    return [
      `messages were published late: p99 ${formatDuration(latenessNs)}, ${share} of the staleness p99, more than 5 %`,
    ];
  }
  return [];
}

/** A machine that was taken away shows latencies that nobody's program made. */
function stolenTime(trial: MeasuredTrial): string[] {
  const stolenNs = counterTotal(trial, 'stolenTime');
  if (!isAvailable(stolenNs) || windowNs(trial) === 0) return [];
  const share = stolenNs / windowNs(trial);
  return share > MOST_STOLEN_SHARE
    ? [`the hypervisor ran other machines for ${percentText(share)} of a core's time, more than 1 %`]
    : [];
}

function clockErrors(trial: MeasuredTrial): string[] {
  const errors = counterTotal(trial, 'clockErrors');
  return isAvailable(errors) && errors > 0
    ? [`the clocks disagree: ${errors.toLocaleString('en-US')} of the deliveries seem older than their publication`]
    : [];
}

function p99(latency: Latency | { readonly reason: string }): number | undefined {
  const figure = latencyFigure(latency, 'p99Ns');
  return isAvailable(figure) ? figure : undefined;
}
