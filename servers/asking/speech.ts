import type { Answered, SessionCommand } from '../transport.ts';
import { type Following, isChange } from './following.ts';

/** Where commands go that a door takes by request: one after the other, over a connection of their own. */
interface Posts {
  say(command: SessionCommand, answered: Answered): void;
  /** Says that the user goes, or one of the user's clients, and closes. */
  goodbye(user: string, tab: string): void;
  close(): void;
}

interface SpeechOptions<P extends Posts> {
  readonly following: Following;
  /** The next request is for other channels. */
  readonly changed: () => void;
  readonly openPosts: () => P;
}

/**
 * What a client says that has no session at its server: a channel is joined or left by what is asked for next, and all else is
 * posted. A client that says nothing has no connection for it.
 */
export class Speech<P extends Posts> {
  readonly #options: SpeechOptions<P>;
  #posts: P | undefined;
  #closed = false;

  constructor(options: SpeechOptions<P>) {
    this.#options = options;
  }

  /** Undefined before anything was posted. */
  get posts(): P | undefined {
    return this.#posts;
  }

  say(command: SessionCommand, answered: Answered): void {
    if (this.#closed) return;
    if (isChange(command)) {
      this.#options.following.change(command, answered);
      this.#options.changed();
    } else this.#opened().say(command, answered);
  }

  /** Whoever has a name says goodbye to a door that has no connection to tell it by; once. */
  goodbye(user: string, tab: string): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#opened().goodbye(user, tab);
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#posts?.close();
  }

  #opened(): P {
    this.#posts ??= this.#options.openPosts();
    return this.#posts;
  }
}
