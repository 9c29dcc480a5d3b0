import type { Recorder } from '../../../scenarios/measures/recording.ts';
import { NS_PER_SECOND } from '../../../scenarios/units.ts';

interface Shown {
  readonly dueNs: number;
  readonly receivedNs: number;
}

/**
 * How old is what one client shows of each sender, where the newest value is all that counts (age of information: Kaul, Yates and
 * Gruteser, "Real-time status: how often should one update?", 2012). It grows from what it was when a value came until a newer one
 * comes, so a message that nobody misses costs nothing, and one that is late or left out shows.
 */
export class ShownValues {
  readonly #shown = new Map<object, Shown>();

  /** A right message of that sender has come. An older one than is shown changes nothing. */
  heard(sender: object, value: Shown, recorder: Recorder): void {
    const before = this.#shown.get(sender);
    if (before !== undefined && value.dueNs <= before.dueNs) return;
    this.#shown.set(sender, value);
    // What comes with a newer one is never seen.
    if (before === undefined || value.receivedNs <= before.receivedNs) return;
    const { receivedNs } = value;
    const fromNs = Math.max(0, before.receivedNs - before.dueNs);
    const toNs = Math.max(fromNs, receivedNs - before.dueNs);
    recorder.record('ageReplaced', toNs, before.dueNs);
    recorder.count('shownTime', receivedNs - before.receivedNs, receivedNs);
    recorder.count('shownAge', ageOver(fromNs, toNs), receivedNs);
  }
}

/** The integral of an age that grows from one to the other as time passes, in whole ns × s. */
function ageOver(fromNs: number, toNs: number): number {
  return Math.round(((toNs - fromNs) * ((toNs + fromNs) / 2)) / NS_PER_SECOND);
}
