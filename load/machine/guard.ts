import { Failure, type FailureCode } from '../../scenarios/failures.ts';

interface Limit {
  readonly ms: number;
  readonly code: FailureCode;
  /** One line: what did not happen, and what to do. */
  readonly message: string;
}

/** Ends whatever is awaited when something else has gone wrong meanwhile, or when it takes too long. */
export class Guard {
  readonly #trouble = Promise.withResolvers<never>();

  constructor() {
    // Trouble that nobody waits for at that moment is met by the next `wait`.
    this.#trouble.promise.catch(() => undefined);
  }

  /** The first trouble wins: what follows it is mostly its consequence. */
  readonly report = (error: Error): void => this.#trouble.reject(error);

  async wait<T>(awaited: Promise<T>, limit: Limit): Promise<T> {
    const late = Promise.withResolvers<never>();
    const timer = setTimeout(() => late.reject(new Failure(limit.code, limit.message)), limit.ms);
    try {
      return await Promise.race([awaited, this.#trouble.promise, late.promise]);
    } finally {
      clearTimeout(timer);
    }
  }
}
