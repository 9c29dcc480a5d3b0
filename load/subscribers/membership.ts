/** A stay in a channel, bounded by the numbers of the log that the answers to its join and its leave named. */
export interface Stay {
  /** The newest number that the client had when it said that it joins: older messages had come, or were not for it. */
  readonly heardBefore: number;
  /** Messages above it are to come; undefined before the answer. */
  joined: number | undefined;
  /** The newest number that the client had when it said that it leaves: what is older had come by then. */
  heardAtLeave: number | undefined;
  /** Messages above it are no longer to come; undefined before the answer. */
  left: number | undefined;
}

/**
 * What one client follows, by what it said and was answered. Between a command and its answer nobody knows on which side of
 * it a message lies: such a message may come, and need not.
 */
export class Membership {
  readonly #always: ReadonlySet<string>;
  readonly #stays = new Map<string, Stay[]>();

  /** `always`: the channels that it follows from start to end. */
  constructor(always: readonly string[]) {
    this.#always = new Set(always);
  }

  get always(): ReadonlySet<string> {
    return this.#always;
  }

  get stays(): ReadonlyMap<string, readonly Stay[]> {
    return this.#stays;
  }

  /** The client says that it joins, `latest` being the newest number that it has. */
  join(channel: string, latest: number): Stay {
    const stay: Stay = { heardBefore: latest, joined: undefined, heardAtLeave: undefined, left: undefined };
    const stays = this.#stays.get(channel) ?? [];
    stays.push(stay);
    this.#stays.set(channel, stays);
    return stay;
  }

  /** The client says that it leaves; undefined where it never joined. */
  leave(channel: string, latest: number): Stay | undefined {
    const stay = this.#stays.get(channel)?.at(-1);
    if (stay !== undefined) stay.heardAtLeave = latest;
    return stay;
  }

  /** Whether message `seq` of the channel may come to this client. */
  mayHear(channel: string, seq: number): boolean {
    if (this.#always.has(channel)) return true;
    const stays = this.#stays.get(channel) ?? [];
    return stays.some(({ heardBefore, left }) => seq > heardBefore && (left === undefined || seq <= left));
  }
}
