import { NS_PER_MS } from '../../../scenarios/units.ts';
import type { Claim } from '../verdict.ts';

/** As many as a browser has connections to a host. */
const LIMIT = 6;
/** A reader takes for at once what is there by then. */
const AT_ONCE_NS = 100 * NS_PER_MS;

/** What a guide does not say of event streams, and the standard that defines them does. */
export const BROWSER_CLAIMS: readonly Claim[] = [
  {
    id: 'connection-limit',
    place: 'What the HTML Standard says of event streams',
    said: 'Clients that support HTTP’s per-server connection limitation might run into trouble … if each page has an EventSource to the same domain',
    how: 'A page in Chromium that opens seven event streams to its own host and asks for something besides, over TLS: how many streams stand, and whether there is an answer within 1.5 s; if not, two streams are ended.',
    bounds: [
      { figure: 'streams.http1Answered', most: 0 },
      { figure: 'streams.http2Answered', most: 0 },
    ],
    when: {
      bounds: [
        { figure: 'streams.http1Open', most: LIMIT },
        { figure: 'streams.http1Answered', most: 0 },
        { figure: 'streams.http2Open', least: LIMIT + 1 },
        { figure: 'streams.http2AnswerNs', most: AT_ONCE_NS },
      ],
      text: () => 'requests go over HTTP/1.1',
    },
    shown: ['streams.http1FreedNs'],
    numbers: (taken) =>
      `over HTTP/1.1 ${taken.rangeText('streams.http1Open')} of seven streams stood and ${taken.text('streams.http1Answered')} of requests beside them were answered, until two streams ended: then it took ${taken.spreadText('streams.http1FreedNs')}; over HTTP/2 ${taken.rangeText('streams.http2Open')} stood, and an answer took ${taken.spreadText('streams.http2AnswerNs')}`,
  },
];
