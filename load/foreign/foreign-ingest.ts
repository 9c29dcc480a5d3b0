import type { Client } from 'undici';
import { monotonicNs } from '../../scenarios/clock.ts';
import { errorMessage, Failure, type FailureCode } from '../../scenarios/failures.ts';
import { encodeMessage } from '../../scenarios/feed/message.ts';
import { endInWords, type SessionEnd } from '../../scenarios/session-end.ts';
import type { IngestClient } from '../../servers/ingest/client.ts';
import { endOfError } from '../library/error-end.ts';
import { Sockets } from '../library/sockets.ts';
import type { Adapter, Post, Said } from './adapter.ts';
import { openHttpClient, pathAt } from './links/http-client.ts';
import { headersFor, type Limits, type Link, refusalEnd, targetOf } from './links/link.ts';
import { openLink } from './links/open-link.ts';
import { refusalOf } from './refusals.ts';
import type { TargetAddress } from './target-address.ts';
import { within } from './time-limit.ts';

interface IngestEvents {
  /** What became of a message that was handed in: a failure where the server did not take it. */
  readonly onAnswer: (answer: number | Failure) => void;
  /** Nothing more can be handed in. */
  readonly onHalt: (failure: Failure) => void;
}

interface Place {
  readonly adapter: Adapter;
  readonly address: TargetAddress;
  readonly limits: Limits;
}

/**
 * Hands messages in at somebody's own server, as its adapter says: by a connection of its own, or by POSTs, one after the other.
 * It numbers them, for there is no log that would. Resolves when the first could be sent.
 */
export async function openForeignIngest(place: Place, events: IngestEvents): Promise<IngestClient> {
  const ingest = new ForeignIngest(place, events);
  await ingest.connect();
  return ingest;
}

class ForeignIngest implements IngestClient {
  readonly #place: Place;
  readonly #events: IngestEvents;
  readonly #posts: Client;
  #link: Link | undefined;
  #sent = 0;
  #closed = false;

  constructor(place: Place, events: IngestEvents) {
    this.#place = place;
    this.#events = events;
    this.#posts = openHttpClient(place, new Sockets());
  }

  /** Who only posts needs no connection besides. */
  async connect(): Promise<void> {
    if (isPost(this.#said(PROBE))) return;
    const { adapter, address, limits } = this.#place;
    const opened = Promise.withResolvers<undefined>();
    this.#link = openLink(
      { adapter, address, limits, poll: { originNs: monotonicNs(), intervalNs: 1e9 }, last: () => 0 },
      {
        opened: () => opened.resolve(undefined),
        // It gets the feed as every client does; who listens are the others.
        came: () => undefined,
        answered: () => undefined,
        reopened: () => undefined,
        ended: (end) => {
          opened.reject(unreachable(end));
          this.#halt(unreachable(end));
        },
      },
    );
    if ((await within(limits.stepMs, opened.promise)) === 'late') throw unreachable({ code: 'silent' });
  }

  send(body: string): void {
    this.#sent += 1;
    this.sendText(encodeMessage(this.#sent, body).toString(), this.#sent);
  }

  sendText(text: string, seq: number): void {
    if (this.#closed) return;
    try {
      const said = this.#said(text);
      if (isPost(said)) void this.#post(said, seq);
      else {
        this.#link?.say(said);
        this.#events.onAnswer(seq);
      }
    } catch (error) {
      this.#halt(error instanceof Failure ? error : new Failure('adapter', `"publish": ${errorMessage(error)}`));
    }
  }

  close(): void {
    this.#closed = true;
    this.#link?.close();
    void this.#posts.destroy();
  }

  #said(text: string): Said | Post {
    const { adapter, address } = this.#place;
    try {
      const said: unknown = adapter.publish?.(text, targetOf(address));
      if (isSaid(said)) return said;
    } catch (error) {
      throw new Failure('adapter', `the adapter's "publish" threw ${errorMessage(error)}; correct it`, {
        cause: error,
      });
    }
    throw new Failure(
      'adapter',
      `the adapter's "publish" returned nothing that can be said: a text, bytes, an event with arguments, or {post, body}`,
    );
  }

  async #post({ post, body, headers }: Post, seq: number): Promise<void> {
    try {
      const answer = await this.#posts.request({
        method: 'POST',
        path: pathAt(this.#place.address, post),
        headers: {
          'Content-Type': 'application/json',
          ...headersFor(this.#place.adapter, this.#place.address),
          ...headers,
        },
        headersTimeout: this.#place.limits.stepMs,
        body,
      });
      await answer.body.dump();
      if (answer.statusCode < 300) this.#events.onAnswer(seq);
      else this.#refused(refusalEnd(answer.statusCode, answer.statusText, answer.headers));
    } catch (error) {
      if (!this.#closed) this.#refused(endOfError(error));
    }
  }

  #refused(end: SessionEnd): void {
    const refusal = refusalOf(end);
    if (refusal !== undefined) this.#halt(refusal);
    this.#events.onAnswer(
      refusal ??
        new Failure('target-unreachable', `a message was not taken: ${endInWords(end)}; see what the server says`),
    );
  }

  #halt(failure: Failure): void {
    if (this.#closed) return;
    this.close();
    this.#events.onHalt(failure);
  }
}

/** Shows how an adapter publishes, without a message that anybody gets. */
const PROBE = encodeMessage(1, '').toString();

function unreachable(end: SessionEnd): Failure {
  const code: FailureCode = 'target-unreachable';
  return refusalOf(end) ?? new Failure(code, `the publisher's connection to the target ended: ${endInWords(end)}`);
}

function isPost(said: Said | Post): said is Post {
  return typeof said === 'object' && 'post' in said;
}

function isSaid(value: unknown): value is Said | Post {
  if (typeof value === 'string' || value instanceof Uint8Array || Array.isArray(value)) return true;
  return (
    typeof value === 'object' &&
    value !== null &&
    'post' in value &&
    'body' in value &&
    typeof value.post === 'string' &&
    typeof value.body === 'string'
  );
}
