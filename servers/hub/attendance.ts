import type { Presence } from './conversation.ts';

/** Counts the connections that users have to this node: the first and the last of each are told. */
export class Attendance {
  readonly #presence: Presence;
  readonly #connections = new Map<string, number>();

  constructor(presence: Presence) {
    this.#presence = presence;
  }

  enter(user: string): void {
    const before = this.#connections.get(user) ?? 0;
    this.#connections.set(user, before + 1);
    if (before === 0) this.#presence.arrive(user);
  }

  leave(user: string): void {
    const before = this.#connections.get(user) ?? 0;
    if (before > 1) {
      this.#connections.set(user, before - 1);
      return;
    }
    if (this.#connections.delete(user)) this.#presence.depart(user);
  }
}
