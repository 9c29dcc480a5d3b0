/**
 * What a client keeps of one connection over TLS for the next (RFC 8446, section 2.2), as a browser and its libraries do, and how
 * often its connections began anew. It goes with the client, whichever of its sessions connects.
 */
export class Handshakes {
  /** With a certificate and a signature, and without. */
  full = 0;
  resumed = 0;
  readonly #resumes: boolean;
  #ticket: Buffer | undefined;

  /** `resumes`: whether it shows a ticket that it has. */
  constructor(resumes: boolean) {
    this.#resumes = resumes;
  }

  /** What the next connection shows. */
  get ticket(): Buffer | undefined {
    return this.#ticket;
  }

  /** A server sent one; the newest counts. */
  keep(ticket: Buffer): void {
    if (this.#resumes) this.#ticket = ticket;
  }

  count(isResumed: boolean): void {
    if (isResumed) this.resumed += 1;
    else this.full += 1;
  }
}
