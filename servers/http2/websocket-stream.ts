import type { IncomingMessage } from 'node:http';
import type { Http2ServerRequest, ServerHttp2Stream } from 'node:http2';

/** What of a connection a WebSocket's owner looks at: that of a socket, or of a stream of HTTP/2. */
export interface WireSocket {
  /** Bytes that have come. */
  readonly bytesRead: number;
  /** Bytes that were written, those that wait too. */
  readonly bytesWritten: number;
  readonly writableLength: number;
  cork(): void;
  uncork(): void;
  /** Calls `stalled` when nothing has moved for so long; 0 takes it back. */
  setTimeout(ms: number, stalled?: () => void): unknown;
  on(event: 'data', heard: () => void): unknown;
  off(event: 'data', heard: () => void): unknown;
}

/** A stream counts nothing by itself. */
class StreamWire implements WireSocket {
  bytesRead = 0;
  readonly #stream: ServerHttp2Stream;

  constructor(stream: ServerHttp2Stream) {
    this.#stream = stream;
    stream.on('data', (bytes: Buffer) => {
      this.bytesRead += bytes.length;
    });
  }

  /** What its connection took stands for what the stream did: both are signs of life. */
  get bytesWritten(): number {
    return (this.#stream.session?.socket.bytesWritten ?? 0) + this.writableLength;
  }

  get writableLength(): number {
    return this.#stream.writableLength;
  }

  cork(): void {
    this.#stream.cork();
  }

  uncork(): void {
    this.#stream.uncork();
  }

  setTimeout(ms: number, stalled?: () => void): void {
    this.#stream.setTimeout(ms, stalled);
  }

  on(event: 'data', heard: () => void): void {
    this.#stream.on(event, heard);
  }

  off(event: 'data', heard: () => void): void {
    this.#stream.off(event, heard);
  }
}

/** Any that the protocol allows: over HTTP/2 nobody shows one, and what is made of it goes to nobody (RFC 8441, section 5). */
const KEY = 'AAAAAAAAAAAAAAAAAAAAAA==';

/** A request for a WebSocket as HTTP/1.1 would have it: `ws` knows no other. Undefined where it is for something else. */
export function upgradeIn({ headers, url, stream }: Http2ServerRequest): IncomingMessage | undefined {
  if (headers[':protocol'] !== 'websocket') return undefined;
  const { ':authority': host, ...fields } = headers;
  const upgrade = {
    method: 'GET',
    url,
    httpVersionMajor: 1,
    headers: { host, ...fields, upgrade: 'websocket', connection: 'Upgrade', 'sec-websocket-key': KEY },
    socket: new StreamWire(stream),
  };
  return upgrade as unknown as IncomingMessage;
}

/** Of connections alone. */
const NOT_IN_STREAMS: ReadonlySet<string> = new Set([
  'connection',
  'upgrade',
  'sec-websocket-accept',
  'content-length',
]);

/**
 * What is written to the stream first is the head of an answer of HTTP/1.1, and a body behind it where that ends it: it goes out as
 * HTTP/2 has it, and what comes then is as it is.
 */
export function answerAsHttp2(stream: ServerHttp2Stream): void {
  const begin = (text: string): string => {
    // In this order V8 finds the object as it was before.
    Reflect.deleteProperty(stream, 'end');
    Reflect.deleteProperty(stream, 'write');
    const { status, fields, body } = answerIn(text);
    if (!stream.destroyed && !stream.closed) stream.respond({ ':status': status === 101 ? 200 : status, ...fields });
    return body;
  };
  stream.write = (text: unknown): boolean => {
    begin(String(text));
    return true;
  };
  stream.end = (text?: unknown) => {
    const body = begin(String(text));
    return stream.end(body);
  };
}

function answerIn(text: string): { status: number; fields: Record<string, string>; body: string } {
  const end = text.indexOf('\r\n\r\n');
  const [first = '', ...lines] = text.slice(0, end).split('\r\n');
  const fields = lines.flatMap((line): [string, string][] => {
    const colon = line.indexOf(':');
    const name = line.slice(0, colon).toLowerCase();
    return NOT_IN_STREAMS.has(name) ? [] : [[name, line.slice(colon + 1).trim()]];
  });
  return { status: Number(first.split(' ', 2)[1]), fields: Object.fromEntries(fields), body: text.slice(end + 4) };
}
