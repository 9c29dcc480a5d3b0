import { NS_PER_MS, NS_PER_SECOND } from '../../scenarios/units.ts';
import type { GeneratorContext } from '../generator.ts';
import { TELL_EVERY_MS } from './lines.ts';

/** So many messages a second: of random ones, two are further apart than MOST_SILENCE_MS once in 500 million. */
const THICK_FEED_PER_SECOND = 10;

/** A second's worth; of a thin feed none, because a script that waits for the next message cannot tell of the last. */
export function messagesToKeep({
  messages,
  durationNs,
}: Pick<GeneratorContext['feed'], 'messages' | 'durationNs'>): number {
  const perSecond = (messages * NS_PER_SECOND) / durationNs;
  return perSecond < THICK_FEED_PER_SECOND ? 1 : Math.round((messages * TELL_EVERY_MS * NS_PER_MS) / durationNs);
}
