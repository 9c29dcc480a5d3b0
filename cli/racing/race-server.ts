import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Failure, systemErrorCode } from '../../scenarios/failures.ts';
import { monotonicNs } from '../../scenarios/clock.ts';
import { MOST_DELAY_MS, type RaceLines } from './race-lines.ts';

const OK = 200;
const NO_CONTENT = 204;
const NOT_FOUND = 404;
const FORBIDDEN = 403;
const BAD_REQUEST = 400;
/** Whoever has not asked for so long looks no more; a tab in the background asks once a minute. */
const GONE_MS = 150_000;
const MOST_VIEWERS = 20;
const WHOLE_NUMBER = /^\d{1,5}$/;

interface RaceParts {
  /** The page around the lanes, for who has these lines. */
  readonly render: (viewer: number, lines: RaceLines) => string;
  readonly openLines: () => Promise<RaceLines>;
}

interface Viewer {
  readonly lines: RaceLines;
  seenMs: number;
}

/** Serves the page of the race, to each who looks with lines of its own, what these have carried, and the control of their delay. */
export class RaceServer implements AsyncDisposable {
  readonly #parts: RaceParts;
  readonly #server: Server;
  readonly #viewers = new Map<number, Viewer>();
  #count = 0;

  constructor(parts: RaceParts) {
    this.#parts = parts;
    this.#server = createServer((request, response) => void this.#answer(request, response));
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
    await Promise.all([...this.#viewers.keys()].map(async (viewer) => this.#letGo(viewer)));
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname = '', searchParams } = URL.parse(request.url ?? '', 'http://race') ?? {};
    const viewer = this.#viewers.get(Number(searchParams?.get('viewer')));
    if (viewer !== undefined) viewer.seenMs = performance.now();
    switch (`${request.method ?? ''} ${pathname}`) {
      case 'GET /':
        response.writeHead(OK, { 'Content-Type': 'text/html; charset=utf-8', 'Cache-Control': 'no-store' });
        response.end(await this.#begin());
        return;
      case 'GET /health':
        sendJson(response, { monotonicNs: monotonicNs() });
        return;
      case 'GET /counters':
        if (viewer === undefined) response.writeHead(NOT_FOUND).end();
        else sendJson(response, { lanes: viewer.lines.passed });
        return;
      case 'POST /reset':
        command(request, response, () => {
          viewer?.lines.reset();
          return viewer !== undefined;
        });
        return;
      case 'POST /delay':
        command(request, response, () => setDelay(viewer?.lines, searchParams?.get('ms')));
        return;
      default:
        response.writeHead(NOT_FOUND).end();
    }
  }

  /** Whoever looks no more, or has looked longest where there are too many, makes room. */
  async #begin(): Promise<string> {
    const oldest = [...this.#viewers].toSorted(([, a], [, b]) => b.seenMs - a.seenMs);
    const nowMs = performance.now();
    const gone = oldest.filter(([, { seenMs }], index) => index >= MOST_VIEWERS - 1 || nowMs - seenMs > GONE_MS);
    await Promise.all(gone.map(async ([viewer]) => this.#letGo(viewer)));
    this.#count += 1;
    const viewer = this.#count;
    const lines = await this.#parts.openLines();
    this.#viewers.set(viewer, { lines, seenMs: nowMs });
    return this.#parts.render(viewer, lines);
  }

  async #letGo(viewer: number): Promise<void> {
    const lines = this.#viewers.get(viewer)?.lines;
    this.#viewers.delete(viewer);
    await lines?.[Symbol.asyncDispose]();
  }
}

/** No page but the race's own controls it. False of what cannot be done. */
function command(request: IncomingMessage, response: ServerResponse, run: () => boolean): void {
  const { origin, host } = request.headers;
  if (origin !== undefined && origin !== `http://${host ?? ''}`) response.writeHead(FORBIDDEN).end();
  else response.writeHead(run() ? NO_CONTENT : BAD_REQUEST).end();
}

function setDelay(lines: RaceLines | undefined, text: string | null | undefined): boolean {
  if (lines === undefined || !WHOLE_NUMBER.test(text ?? '') || Number(text) > MOST_DELAY_MS) return false;
  lines.delayMs = Number(text);
  return true;
}

function sendJson(response: ServerResponse, value: object): void {
  const headers = { 'Content-Type': 'application/json', 'Cache-Control': 'no-store' };
  response.writeHead(OK, headers).end(JSON.stringify(value));
}
