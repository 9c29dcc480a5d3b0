/** Something a test watches: whoever changes it says so, and a test waits for what should become true of it. */
export class Witness {
  #waiting: (() => void)[] = [];

  changed(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const look of waiting) look();
  }

  /** Resolves when `condition` holds; how long it may take is the limit of the test. */
  async until(condition: (self: this) => boolean): Promise<void> {
    while (!condition(this)) {
      await new Promise<void>((resolve) => {
        this.#waiting.push(resolve);
      });
    }
  }
}
