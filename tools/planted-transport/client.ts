import type { Socket } from 'node:net';
import { monotonicNs } from '../../scenarios/clock.ts';
import type { SessionEnd } from '../../scenarios/session-end.ts';
import { openClientSocket } from '../../servers/wire/client-socket.ts';
import { FeedReader } from '../../servers/wire/feed-reader.ts';
import { PendingBytes } from '../../servers/wire/pending-bytes.ts';
import type { OpenSession, Session, SessionEvents, SessionOptions } from '../../servers/transport.ts';

const HEAD_END = '\r\n\r\n';
const CRLF = '\r\n';

/** Reads an answer that goes on, one entry a chunk. */
class LineSession implements Session {
  readonly #socket: Socket;
  readonly #events: SessionEvents;
  readonly #reader: FeedReader;
  readonly #pending = new PendingBytes();
  readonly #lineEndBytes: number;
  #opened = false;
  #closed = false;

  constructor(options: SessionOptions, events: SessionEvents) {
    this.#events = events;
    this.#lineEndBytes = new Map<string, unknown>(Object.entries(options.values)).get('ending') === 'crlf' ? 2 : 1;
    this.#reader = new FeedReader(events, options.position);
    this.#socket = openClientSocket(options, {
      connected: () => this.#socket.write(requestOf(options)),
      readable: (bytes) => this.#read(bytes),
      ended: (end) => this.#lost(end),
    });
  }

  get bytesRead(): number {
    return this.#socket.bytesRead;
  }

  get bytesWritten(): number {
    return this.#socket.bytesWritten;
  }

  close(): void {
    this.#closed = true;
    this.#socket.destroy();
  }

  #read(bytes: Buffer): void {
    const receivedNs = monotonicNs();
    const data = this.#pending.join(bytes);
    let place = this.#opened ? 0 : this.#readHead(data);
    while (!this.#closed && this.#opened) {
      const next = this.#readChunk(data, place, receivedNs);
      if (next === place) break;
      place = next;
    }
    this.#pending.keep(data, place);
  }

  /** Returns where the body begins; 0 where the head is not all there. */
  #readHead(data: Buffer): number {
    const end = data.indexOf(HEAD_END);
    if (end < 0) return 0;
    const [statusLine = ''] = data.toString('latin1', 0, end).split(CRLF, 1);
    const status = Number(statusLine.slice(9, 12));
    if (status !== 200) {
      this.#fail({ code: 'http-status', status, text: statusLine.slice(13) });
      return 0;
    }
    this.#opened = true;
    this.#events.opened();
    return end + HEAD_END.length;
  }

  /** Returns where the next chunk begins; `place` itself where this one is not all there. */
  #readChunk(data: Buffer, place: number, receivedNs: number): number {
    const sizeEnd = data.indexOf(CRLF, place);
    if (sizeEnd < 0) return place;
    const size = Number.parseInt(data.toString('latin1', place, sizeEnd), 16);
    const start = sizeEnd + CRLF.length;
    if (data.length < start + size + CRLF.length) return place;
    if (size === 0) this.#fail({ code: 'connection-closed' });
    else this.#reader.accept(data.subarray(start, start + size - this.#lineEndBytes), receivedNs);
    return start + size + CRLF.length;
  }

  #fail(end: SessionEnd): void {
    this.#lost(end);
    this.close();
  }

  #lost(end: SessionEnd): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#events.lost(end);
  }
}

function requestOf({ host, port, headers, position }: SessionOptions): string {
  const place = `${host}:${port}`;
  const since = position.kind === 'after' ? `?since=${position.seq}` : '';
  return [`GET /lines${since} HTTP/1.1`, `Host: ${place}`, ...headers.fetch(place), '', ''].join(CRLF);
}

export const openSession: OpenSession = (options, events) => new LineSession(options, events);
