import { connect, type Socket } from 'node:net';
import { Witness } from '../testing/test-witness.ts';

const EMPTY = Buffer.alloc(0);
const PATIENCE_MS = 10_000;
const CLOSE = 8;

/** A connection of somebody who keeps to no protocol, and what was answered on it. */
export class Line extends Witness implements AsyncDisposable {
  readonly #socket: Socket;
  #parts: Buffer[] = [];
  isOver = false;

  constructor(port: number) {
    super();
    this.#socket = connect({ host: '127.0.0.1', port, noDelay: true, allowHalfOpen: true });
    this.#socket.on('data', (bytes: Buffer) => {
      this.#parts.push(bytes);
      this.changed();
    });
    // One that breaks is told of by its close.
    this.#socket.on('error', () => undefined);
    for (const event of ['end', 'close']) this.#socket.once(event, () => this.#over());
  }

  write(bytes: Buffer | string): void {
    if (this.#socket.writable) this.#socket.write(bytes);
  }

  /** Says that nothing more will come, and still listens. */
  half(): void {
    this.#socket.end();
  }

  /** Breaks the connection, whatever is on its way. */
  reset(): void {
    this.#socket.resetAndDestroy();
  }

  get received(): Buffer {
    if (this.#parts.length > 1) this.#parts = [Buffer.concat(this.#parts)];
    return this.#parts[0] ?? EMPTY;
  }

  get text(): string {
    return this.received.toString('latin1');
  }

  /** Of all answers, 101 among them. */
  get statuses(): number[] {
    return Array.from(this.text.matchAll(/HTTP\/1\.1 (\d{3}) /g), ([, status]) => Number(status));
  }

  /** What came behind the head of a 101. */
  get frames(): { readonly opcode: number; readonly payload: Buffer }[] {
    const bytes = this.received;
    const frames: { opcode: number; payload: Buffer }[] = [];
    let at = bytes.indexOf('\r\n\r\n') + 4;
    while (at >= 4 && at + 2 <= bytes.length) {
      const short = (bytes[at + 1] ?? 0) & 0x7f;
      const extended = short === 126 ? 2 : 0;
      if (at + 2 + extended > bytes.length) break;
      const length = extended === 0 ? short : bytes.readUInt16BE(at + 2);
      const start = at + 2 + extended;
      if (start + length > bytes.length) break;
      frames.push({ opcode: (bytes[at] ?? 0) & 0x0f, payload: bytes.subarray(start, start + length) });
      at = start + length;
    }
    return frames;
  }

  /** 1005 where the close frame has none. */
  get closeCode(): number | undefined {
    const close = this.frames.find(({ opcode }) => opcode === CLOSE);
    if (close === undefined) return undefined;
    return close.payload.length < 2 ? 1005 : close.payload.readUInt16BE(0);
  }

  /** Rejects with what came where `condition` does not hold in time, or cannot any more. */
  async sees(what: string, condition: (line: this) => boolean): Promise<void> {
    const patience = new AbortController();
    const timer = setTimeout(() => {
      patience.abort();
      this.changed();
    }, PATIENCE_MS);
    await this.until(() => patience.signal.aborted || this.isOver || condition(this));
    clearTimeout(timer);
    if (condition(this)) return;
    const said = JSON.stringify(this.text.slice(0, 300));
    throw new Error(`not ${what}: ${this.isOver ? 'it is over' : 'nothing more comes'}, after ${said}`);
  }

  async answers(...statuses: readonly number[]): Promise<void> {
    await this.sees(`answered ${statuses.join(' or ')}`, (line) => statuses.includes(line.statuses[0] ?? 0));
  }

  /** As a WebSocket; the handshake was answered before. */
  async closes(...codes: readonly number[]): Promise<void> {
    await this.sees(`closed with ${codes.join(' or ')}`, (line) => codes.includes(line.closeCode ?? 0));
  }

  /** Whatever was said before. */
  async ends(): Promise<void> {
    await this.sees('ended', (line) => line.isOver);
  }

  #over(): void {
    this.isOver = true;
    this.changed();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#socket.destroy();
  }
}
