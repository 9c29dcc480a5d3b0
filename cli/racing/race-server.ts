import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Failure, systemErrorCode } from '../../scenarios/failures.ts';
import { monotonicNs } from '../../scenarios/clock.ts';
import type { DelayRelay } from './delay-relay.ts';

const MOST_DELAY_MS = 10_000;
const OK = 200;
const NO_CONTENT = 204;
const NOT_FOUND = 404;
const FORBIDDEN = 403;

interface RaceParts {
  /** The page around the lanes. */
  readonly page: string;
  readonly relays: readonly DelayRelay[];
  readonly line: { delayMs: number };
}

/** Serves the page of the race, what its lines have carried, and the control of their delay. */
export class RaceServer implements AsyncDisposable {
  readonly #parts: RaceParts;
  readonly #server: Server;

  constructor(parts: RaceParts) {
    this.#parts = parts;
    this.#server = createServer((request, response) => this.#answer(request, response));
  }

  /** Resolves with the port. Rejects with `port-in-use`. */
  async open(host: string, port: number): Promise<number> {
    this.#server.listen(port, host);
    try {
      await once(this.#server, 'listening');
    } catch (error) {
      throw new Failure(
        'port-in-use',
        `cannot listen on ${host}:${port} (${systemErrorCode(error) ?? 'unknown'}); choose another --port, or 0 for a free one`,
        { cause: error },
      );
    }
    return (this.#server.address() as AddressInfo).port;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const { pathname = '', searchParams } = URL.parse(request.url ?? '', 'http://race') ?? {};
    switch (`${request.method ?? ''} ${pathname}`) {
      case 'GET /':
        response.writeHead(OK, { 'Content-Type': 'text/html; charset=utf-8' }).end(this.#parts.page);
        return;
      case 'GET /health':
        sendJson(response, { monotonicNs: monotonicNs() });
        return;
      case 'GET /counters':
        sendJson(response, { lanes: this.#parts.relays.map(({ passed }) => passed) });
        return;
      case 'POST /reset':
        this.#command(request, response, () => {
          for (const relay of this.#parts.relays) relay.reset();
        });
        return;
      case 'POST /delay':
        this.#command(request, response, () => this.#delay(Number(searchParams?.get('ms'))));
        return;
      default:
        response.writeHead(NOT_FOUND).end();
    }
  }

  /** No page but the race's own controls it. */
  #command(request: IncomingMessage, response: ServerResponse, run: () => void): void {
    const { origin, host } = request.headers;
    if (origin !== undefined && origin !== `http://${host ?? ''}`) {
      response.writeHead(FORBIDDEN).end();
      return;
    }
    run();
    response.writeHead(NO_CONTENT).end();
  }

  #delay(ms: number): void {
    if (ms >= 0 && ms <= MOST_DELAY_MS) this.#parts.line.delayMs = ms;
  }
}

function sendJson(response: ServerResponse, value: object): void {
  const headers = { 'Content-Type': 'application/json', 'Cache-Control': 'no-store' };
  response.writeHead(OK, headers).end(JSON.stringify(value));
}
