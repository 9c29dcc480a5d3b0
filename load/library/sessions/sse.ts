import { EventSource } from 'eventsource';
import { Client, fetch } from 'undici';
import { monotonicNs } from '../../../scenarios/clock.ts';
import { type SessionEnd, statusEnd } from '../../../scenarios/session-end.ts';
import { transportRow } from '../../../servers/registry.ts';
import type { OpenSession } from '../../../servers/transport.ts';
import { FeedReader } from '../../../servers/wire/feed-reader.ts';
import { countingConnector } from '../counting-connector.ts';
import { endOfError } from '../error-end.ts';
import { headerFields } from '../header-fields.ts';
import { Sockets } from '../sockets.ts';

const OK = 200;

/** Listens with `eventsource`, which reads by undici's fetch. Its first failure is its end: it is not let come back by itself. */
export const openSession: OpenSession = ({ host, port, position, headers }, events) => {
  const place = `${host}:${port}`;
  const sockets = new Sockets();
  const reader = new FeedReader(events, position);
  const client = new Client(`http://${place}`, { connect: countingConnector(sockets, () => undefined) });
  const since = position.kind === 'after' ? position.seq : 0;
  const fields = headerFields(headers.events(place));
  let cause: SessionEnd | undefined;
  let closed = false;

  const source = new EventSource(`http://${place}${transportRow('sse').path}?since=${since}`, {
    fetch: async (url, init) => {
      try {
        const answer = await fetch(url, { ...init, headers: { ...init.headers, ...fields }, dispatcher: client });
        if (answer.status !== OK) cause = statusEnd(answer.status, answer.statusText);
        return answer;
      } catch (error) {
        cause = endOfError(error);
        throw error;
      }
    },
  });
  source.addEventListener('open', () => {
    if (!closed) events.opened();
  });
  source.addEventListener('message', (event) => {
    const receivedNs = monotonicNs();
    const { data } = event as { readonly data: string };
    if (!closed) sockets.handle(() => reader.accept(Buffer.from(data), receivedNs));
  });
  source.addEventListener('error', () => {
    if (closed) return;
    close();
    events.lost(cause ?? sockets.end);
  });

  function close(): void {
    closed = true;
    source.close();
    void client.destroy();
  }

  return {
    get bytesRead() {
      return sockets.bytesRead;
    },
    get bytesWritten() {
      return sockets.bytesWritten;
    },
    close,
  };
};
