import { type ClientOptions, WebSocket } from 'ws';
import { Witness } from '../../testing/test-witness.ts';

export interface Heard {
  readonly signal?: string;
  readonly seq?: number;
  readonly channel?: string;
  readonly from?: string;
  readonly n?: number;
  readonly data?: unknown;
  readonly id?: number | null;
  readonly reason?: string;
  readonly user?: string;
}

/** A client that keeps what it hears, and how it ended. */
export class Client extends Witness {
  readonly socket: WebSocket;
  readonly heard: Heard[] = [];
  pings = 0;
  end: { readonly code: number; readonly reason: string } | undefined;
  #id = 0;

  constructor(port: number, query = '', options: ClientOptions = {}) {
    super();
    this.socket = new WebSocket(`ws://127.0.0.1:${port}/ws?since=0${query}`, 'json', options);
    this.socket.on('open', () => this.changed());
    this.socket.on('error', () => undefined);
    this.socket.on('message', (data: Buffer) => {
      this.heard.push(JSON.parse(data.toString()) as Heard);
      this.changed();
    });
    this.socket.on('ping', () => {
      this.pings += 1;
      this.changed();
    });
    this.socket.on('close', (code, reason) => {
      this.end = { code, reason: reason.toString() };
      this.changed();
    });
  }

  async opened(): Promise<this> {
    await this.until(({ socket, end }) => end !== undefined || socket.readyState === WebSocket.OPEN);
    return this;
  }

  async ended(): Promise<Client['end']> {
    await this.until(({ end }) => end !== undefined);
    return this.end;
  }

  send(value: unknown): void {
    this.socket.send(JSON.stringify(value));
  }

  /** Says something, and resolves with the answer. */
  async command(command: object): Promise<Heard> {
    this.#id += 1;
    const id = this.#id;
    this.send({ ...command, id });
    await this.until(({ heard }) => heard.some((one) => one.signal === 'answer' && one.id === id));
    const { signal: _, id: __, ...answer } = this.heard.find((one) => one.id === id) ?? {};
    return answer;
  }

  async untilSignal(signal: string): Promise<Heard | undefined> {
    await this.until(({ heard }) => heard.some((one) => one.signal === signal));
    return this.heard.find((one) => one.signal === signal);
  }

  /** What came in a channel, as data. */
  in(channel: string): unknown[] {
    return this.heard.flatMap((one) => (one.channel === channel ? [one.data] : []));
  }

  async untilIn(channel: string, count: number): Promise<void> {
    await this.until(() => this.in(channel).length >= count);
  }
}

export const say = (channel: string, data: unknown, n?: number) => ({
  type: 'send',
  channel,
  data,
  ...(n !== undefined && { n }),
});
