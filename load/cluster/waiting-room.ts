import type { JoinRequest } from '../k6/lines.ts';

/** A k6 that was taken in. */
interface Arrived extends JoinRequest {
  readonly instance: number;
}

type Admission = { readonly instance: number } | { readonly refusal: string };

/** Where the k6 of a run on several hosts wait for each other: it is full when they play all clients together. */
export class WaitingRoom {
  readonly #clients: number;
  readonly #whyNot: (transport: string) => string | undefined;
  readonly #arrived: Arrived[] = [];
  readonly #parted = new Set<number>();
  readonly #full = Promise.withResolvers<void>();
  readonly #empty = Promise.withResolvers<void>();

  /** `whyNot` says of a transport why no script can follow the feed through it here. */
  constructor(clients: number, whyNot: (transport: string) => string | undefined) {
    this.#clients = clients;
    this.#whyNot = whyNot;
  }

  /** Resolves when all clients are there. */
  get full(): Promise<void> {
    return this.#full.promise;
  }

  /** Resolves when all that came have said that they are done. */
  get empty(): Promise<void> {
    return this.#empty.promise;
  }

  get arrived(): readonly Arrived[] {
    return this.#arrived;
  }

  /** How many clients are there. */
  get present(): number {
    return this.#arrived.reduce((sum, { clients }) => sum + clients, 0);
  }

  /** Who has not said that it is done. */
  get staying(): readonly Arrived[] {
    return this.#arrived.filter(({ instance }) => !this.#parted.has(instance));
  }

  admit(request: JoinRequest): Admission {
    const refusal = this.#refusal(request);
    if (refusal !== undefined) return { refusal };
    const instance = this.#arrived.length + 1;
    this.#arrived.push({ ...request, instance });
    if (this.present === this.#clients) this.#full.resolve();
    return { instance };
  }

  part(instance: number): void {
    this.#parted.add(instance);
    if (this.staying.length === 0) this.#empty.resolve();
  }

  #refusal({ transport, clients }: JoinRequest): string | undefined {
    const [first] = this.#arrived;
    if (first !== undefined && first.transport !== transport)
      return `the others run the script for ${first.transport}: run the same script everywhere`;
    const why = this.#whyNot(transport);
    if (why !== undefined) return why;
    if (clients < 1) return 'this k6 plays no client: give fewer parts than there are clients';
    const most = this.#clients - this.present;
    return clients > most
      ? `it plays ${clients} clients, and ${most} of ${this.#clients} are missing: give each k6 its part by --execution-segment, and start a publisher anew for each run`
      : undefined;
  }
}
