import { parseCommand } from '../../scenarios/feed/command.ts';
import { type Identity, MOST_GUESTS } from '../hub/admission.ts';
import type { Hub } from '../hub/hub.ts';
import { CLOSES, closeFor } from './closes.ts';
import type { Peer } from './peer.ts';

interface GuestsOptions {
  readonly hub: Pick<Hub, 'admit'>;
  /** How long one may take to say who it is, in milliseconds. */
  readonly authMs: number;
  /** How many there may be at once. */
  readonly most?: number;
}

/** What Node takes of the head of a request, where others show their tokens. */
const MOST_GUEST_BYTES = 16 * 1024;

/**
 * Clients that are connected and have not said who they are. They have a time for it, and nothing else is heard of them: whatever
 * they do, they cost so many connections, and so many bytes each. One that is told to go counts until it is gone.
 */
export class Guests {
  readonly #hub: Pick<Hub, 'admit'>;
  readonly #authMs: number;
  readonly #most: number;
  #count = 0;

  constructor({ hub, authMs, most = MOST_GUESTS }: GuestsOptions) {
    this.#hub = hub;
    this.#authMs = authMs;
    this.#most = most;
  }

  get count(): number {
    return this.#count;
  }

  /** Calls `admitted` once the client has shown a token that is good, or never. */
  receive(peer: Peer, admitted: (identity: Identity) => void): void {
    if (this.#count >= this.#most) {
      peer.close(CLOSES.tooManyGuests);
      return;
    }
    this.#count += 1;
    const patience = setTimeout(() => peer.close(closeFor('no-token')), this.#authMs);
    const unlimit = peer.limit(MOST_GUEST_BYTES, () => peer.close(CLOSES.unknownTalker));
    let hasSpoken = false;
    peer.hear((text) => {
      clearTimeout(patience);
      const token = hasSpoken ? undefined : tokenIn(text);
      hasSpoken = true;
      if (token === undefined) peer.close(closeFor('no-token'));
      else this.#ask(token, peer, become).catch((error: unknown) => peer.fail(error));
    });
    let isGuest = true;
    const leave = (): void => {
      if (!isGuest) return;
      isGuest = false;
      this.#count -= 1;
      clearTimeout(patience);
      unlimit();
    };
    const become = (identity: Identity): void => {
      leave();
      admitted(identity);
    };
    peer.onGone(leave);
  }

  async #ask(token: string, peer: Peer, become: (identity: Identity) => void): Promise<void> {
    const admission = await this.#hub.admit({ token, user: undefined });
    // It may have gone meanwhile, or said something that it is closed for.
    if (!peer.sink.open) return;
    if (admission.kind === 'refused') peer.close(closeFor(admission.refusal));
    else become(admission.identity);
  }
}

/** Nothing but a token is heard. */
function tokenIn(text: string): string | undefined {
  const command = parseCommand(text);
  return typeof command === 'object' && command.type === 'auth' ? command.token : undefined;
}
