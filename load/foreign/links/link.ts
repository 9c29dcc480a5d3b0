import type { LookupFunction } from 'node:net';
import { isIP } from 'node:net';
import { unescape } from 'node:querystring';
import { withoutSecrets } from '../../../scenarios/printable.ts';
import { type SessionEnd, statusEnd } from '../../../scenarios/session-end.ts';
import type { SessionOptions } from '../../../servers/transport.ts';
import type { Adapter, Incoming, Said, Target } from '../adapter.ts';
import type { TargetAddress } from '../target-address.ts';

export type CarriedAdapter = Exclude<Adapter, { by: 'own' }>;

/** One connection to a target, of the kind that its adapter names. */
export interface LinkOptions<Own = CarriedAdapter> {
  readonly adapter: Own;
  readonly address: TargetAddress;
  /** Of who polls. */
  readonly poll: SessionOptions['poll'];
  /** The highest number that was read so far; 0 before. */
  readonly last: () => number;
  readonly limits: Limits;
}

export interface LinkEvents {
  /** Something can be said, or, of who polls, the first answer is there; of who is held, the connection is. Once. */
  readonly opened: () => void;
  readonly came: (came: Incoming, receivedNs: number) => void;
  /** An answer over HTTP was taken whole. */
  readonly answered: (receivedNs: number) => void;
  readonly reopened: () => void;
  /** Ended without `close`. Once, and nothing comes after it. */
  readonly ended: (end: SessionEnd) => void;
}

export interface Link {
  /** Besides the first. */
  readonly extraConnections: number;
  readonly bytesRead: number;
  readonly bytesWritten: number;
  /** Throws a TypeError for what such a connection does not carry. */
  say(said: Said): void;
  close(): void;
}

export interface Limits {
  /** How long each step may take until something comes of it. */
  readonly stepMs: number;
  /** How long the first message of a feed that the server makes when it likes may take. */
  readonly ownFeedMs: number;
}

export const USUAL_LIMITS: Limits = { stepMs: 5000, ownFeedMs: 15_000 };
/** Of one message; a server that sends more is not read any further. */
export const MOST_MESSAGE_BYTES = 16 * 1024 * 1024;

export function targetOf({ url }: TargetAddress): Target {
  return { url };
}

/** Names are not looked up again: what a user was told of is where connections go. */
export function pinnedLookup({ host }: TargetAddress): LookupFunction {
  const family = isIP(host);
  return (_name, { all }, callback) => {
    if (all === true) callback(null, [{ address: host, family }]);
    else callback(null, host, family);
  };
}

/** What an adapter says may have the address in it, as errors of `fetch` do: without what may be secret there. */
export function openWords(words: string, { url }: TargetAddress): string {
  return words.replaceAll(url, withoutSecrets(url));
}

/** Of requests and upgrades: those of the adapter, and, where it has none of the kind, who stands in the target's address (RFC 7617). */
export function headersFor(adapter: Adapter, { url }: TargetAddress): Record<string, string> {
  const { username, password } = new URL(url);
  const headers = adapter.by === 'own' ? {} : (adapter.headers ?? {});
  const isNamed = Object.keys(headers).some((name) => name.toLowerCase() === 'authorization');
  if (isNamed || (username === '' && password === '')) return { ...headers };
  const words = `${unescape(username)}:${unescape(password)}`;
  return { ...headers, Authorization: `Basic ${Buffer.from(words).toString('base64')}` };
}

/** The same address with another scheme: a WebSocket is asked for by HTTP. */
export function withScheme({ url, isSecure }: TargetAddress, plain: 'ws' | 'http'): string {
  return url.replace(/^[a-z]+:/, `${plain}${isSecure ? 's' : ''}:`);
}

type Fields = Readonly<Record<string, string | readonly string[] | undefined>>;

/** A status that ends a session, with what the server says about it: when to come again, or where to go. */
export function refusalEnd(status: number, text: string, fields: Fields): SessionEnd {
  const more = (['retry-after', 'location'] as const).flatMap((name) => {
    const value = fields[name];
    return typeof value === 'string' ? [`${name}: ${withoutSecrets(value)}`] : [];
  });
  return statusEnd(status, [text, ...more].filter((part) => part !== '').join(', '));
}

/** What came, read as text or as bytes when somebody asks for it. */
export class Came implements Incoming {
  readonly event: string;
  readonly args: readonly unknown[] = [];
  readonly #data: Buffer | string;

  constructor(data: Buffer | string, event = 'message') {
    this.#data = data;
    this.event = event;
  }

  get text(): string {
    return typeof this.#data === 'string' ? this.#data : this.#data.toString();
  }

  get bytes(): Uint8Array {
    return typeof this.#data === 'string' ? Buffer.from(this.#data) : this.#data;
  }
}
