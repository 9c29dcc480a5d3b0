const NOT_MODIFIED = 304;

/**
 * What a client knows of a state that it asks for as a whole: its tag, which it shows, so that nothing comes where nothing has changed
 * (RFC 9110, section 13.1.2).
 */
export class KnownState {
  #tag: string | undefined;

  /** `tag` is that of a session before. */
  constructor(tag: string | undefined) {
    this.#tag = tag;
  }

  /** Undefined before the first answer. */
  get tag(): string | undefined {
    return this.#tag;
  }

  /** Who has a place in the feed and no tag says the place first: so it learns what is no longer held, and whether it is ahead. */
  saysPlace(hasAnswer: boolean): boolean {
    return this.#tag === undefined && !hasAnswer;
  }

  /** Whether an answer of that status says that it has not changed. */
  isSame(status: number): boolean {
    return status === NOT_MODIFIED && this.#tag !== undefined;
  }

  /** It came, under that tag, if it has one. */
  given(tag: string | undefined): void {
    this.#tag = tag;
  }
}
