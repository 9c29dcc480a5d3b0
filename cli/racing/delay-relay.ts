import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/** What has gone through since the last reset. */
export interface Passed {
  readonly requests: number;
  readonly bytesDown: number;
  readonly bytesUp: number;
}

interface RelayOptions {
  /** Where it listens, and the server too. */
  readonly host: string;
  readonly serverPort: number;
  /** What a chunk that comes now waits, in milliseconds. */
  readonly delayMs: () => number;
}

const NOTHING: Passed = { requests: 0, bytesDown: 0, bytesUp: 0 };
/** On their way in one direction of a connection: who sends more waits, as on a line that has a length. */
const MOST_BYTES = 1024 * 1024;
const REQUEST_LINE = /^[A-Z]+ \S+ HTTP\/1\.1\r$/gm;
const UPGRADE = /^upgrade: *websocket\r$/im;
const EVENT_STREAM = /^content-type: *text\/event-stream/im;

/** Whether a request is under way on a connection: one without an answer, or with one that does not end. */
type Asking = 'idle' | 'asked' | 'stays';

/** Passes bytes on to a server and back, each after a delay, and counts them. For looking at: a delay is exact to a millisecond or two. */
export class DelayRelay implements AsyncDisposable {
  readonly #options: RelayOptions;
  readonly #sockets = new Set<Socket>();
  readonly #asking = new Map<Socket, Asking>();
  readonly #server: Server;
  #passed = NOTHING;

  constructor(options: RelayOptions) {
    this.#options = options;
    this.#server = createServer((client) => this.#pass(client));
  }

  /** Resolves with the port. */
  async open(): Promise<number> {
    this.#server.listen(0, this.#options.host);
    await once(this.#server, 'listening');
    return (this.#server.address() as AddressInfo).port;
  }

  get passed(): Passed {
    return this.#passed;
  }

  /** What is under way goes on, so it counts as asked. */
  reset(): void {
    const requests = [...this.#asking.values()].filter((asking) => asking !== 'idle').length;
    this.#passed = { ...NOTHING, requests };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  #pass(client: Socket): void {
    const { host, serverPort, delayMs } = this.#options;
    const server = connect({ host, port: serverPort, noDelay: true });
    client.setNoDelay(true);
    for (const socket of [client, server]) {
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
    }
    const asking = this.#asking;
    asking.set(client, 'idle');
    client.once('close', () => asking.delete(client));
    passLate({ from: client, to: server, delayMs }, (bytes) => {
      const text = asking.get(client) === 'stays' ? '' : bytes.toString('latin1');
      const requests = text.match(REQUEST_LINE)?.length ?? 0;
      if (UPGRADE.test(text)) asking.set(client, 'stays');
      else if (requests > 0) asking.set(client, 'asked');
      this.#count({ requests, bytesUp: bytes.length, bytesDown: 0 });
    });
    passLate({ from: server, to: client, delayMs }, (bytes) => {
      if (asking.get(client) === 'asked')
        asking.set(client, EVENT_STREAM.test(bytes.toString('latin1')) ? 'stays' : 'idle');
      this.#count({ requests: 0, bytesUp: 0, bytesDown: bytes.length });
    });
  }

  #count({ requests, bytesDown, bytesUp }: Passed): void {
    this.#passed = {
      requests: this.#passed.requests + requests,
      bytesDown: this.#passed.bytesDown + bytesDown,
      bytesUp: this.#passed.bytesUp + bytesUp,
    };
  }
}

interface Direction {
  readonly from: Socket;
  readonly to: Socket;
  readonly delayMs: () => number;
}

function passLate({ from, to, delayMs }: Direction, count: (bytes: Buffer) => void): void {
  const line = new DelayLine(delayMs);
  let underWay = 0;
  from.on('data', (bytes: Buffer) => {
    count(bytes);
    underWay += bytes.length;
    if (underWay > MOST_BYTES) from.pause();
    line.send(() => {
      underWay -= bytes.length;
      to.write(bytes);
      if (from.isPaused() && underWay <= MOST_BYTES) from.resume();
    });
  });
  from.on('end', () => line.send(() => to.end()));
  from.on('close', () => line.send(() => to.destroySoon()));
  // A connection that breaks is told of by its close.
  from.on('error', () => undefined);
}

/** What is sent arrives after the delay of that moment, and never before what was sent earlier. */
class DelayLine {
  readonly #delayMs: () => number;
  readonly #underWay: { readonly dueMs: number; readonly arrive: () => void }[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(delayMs: () => number) {
    this.#delayMs = delayMs;
  }

  send(arrive: () => void): void {
    const delayMs = this.#delayMs();
    const before = this.#underWay.at(-1)?.dueMs ?? 0;
    if (delayMs === 0 && this.#underWay.length === 0) {
      arrive();
      return;
    }
    this.#underWay.push({ dueMs: Math.max(before, performance.now() + delayMs), arrive });
    this.#wait();
  }

  #wait(): void {
    const [first] = this.#underWay;
    if (first === undefined || this.#timer !== undefined) return;
    this.#timer = setTimeout(
      () => {
        this.#timer = undefined;
        this.#deliver();
        this.#wait();
      },
      Math.max(0, first.dueMs - performance.now()),
    );
  }

  #deliver(): void {
    for (
      let [first] = this.#underWay;
      first !== undefined && first.dueMs <= performance.now();
      [first] = this.#underWay
    ) {
      this.#underWay.shift();
      first.arrive();
    }
  }
}
