import { type MeasuredTrial, windowNs } from '../../scenarios/result/result.ts';
import { NS_PER_SECOND } from '../../scenarios/units.ts';
import { derive, type Figure, per } from './figure.ts';
import { counterTotal, type Figures } from './figures.ts';

/** How old what clients show is, over time and in the mean of all that they show, in nanoseconds. */
export function shownAgeNs(trial: MeasuredTrial): Figure {
  const ageNs = derive([counterTotal(trial, 'shownAge')], (age) => age * NS_PER_SECOND);
  return per(ageNs, counterTotal(trial, 'shownTime'), 'no value was replaced by a newer one in the window');
}

/** Of a client in a second, whatever is delivered for that. */
export function serverCpuPerClientSecond(trial: MeasuredTrial, { serverCpuNs }: Figures): Figure {
  return per(serverCpuNs, (trial.clients * windowNs(trial)) / NS_PER_SECOND, 'the window is empty');
}
