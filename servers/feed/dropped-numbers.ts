/** So many channels are told apart. */
const MOST_CHANNELS = 10_000;

/**
 * Of each channel, the newest message that a log has let go of: whoever is behind it has missed something, and who listens to
 * others has not. Of a channel that was quiet for long, only that it is no newer than another one that was forgotten.
 */
export class DroppedNumbers {
  /** In the order in which they were added last. */
  readonly #newest = new Map<string, number>();
  #ofOthers = 0;

  /** Numbers are added in their order. */
  add(channel: string, seq: number): void {
    this.#newest.delete(channel);
    this.#newest.set(channel, seq);
    if (this.#newest.size <= MOST_CHANNELS) return;
    for (const [quiet, newest] of this.#newest) {
      this.#newest.delete(quiet);
      this.#ofOthers = newest;
      return;
    }
  }

  /** Everything up to there is gone, whatever it was. */
  all(seq: number): void {
    this.#newest.clear();
    this.#ofOthers = seq;
  }

  newestOf(channels: Iterable<string>): number {
    let newest = this.#ofOthers;
    for (const channel of channels) newest = Math.max(newest, this.#newest.get(channel) ?? 0);
    return newest;
  }
}
