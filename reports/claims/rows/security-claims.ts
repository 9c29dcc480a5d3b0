import type { Claim } from '../verdict.ts';

const AUTHENTICATION = 'Authentication and Security';

/** How clients show who they are. */
export const SECURITY_CLAIMS: readonly Claim[] = [
  {
    id: 'no-authorization',
    place: AUTHENTICATION,
    said: 'The browser WebSocket API does not support custom headers during the handshake … like you would with HTTP',
    how: 'A page in Chromium that tries to send Authorization with an upgrade in every way that its constructor takes, and with a fetch; what came is read at the server.',
    bounds: [
      { figure: 'page.authorized', most: 0 },
      { figure: 'page.fetchesAuthorized', least: 1 },
    ],
    shown: ['page.upgrades'],
    numbers: (taken) =>
      `${taken.high('page.authorized')} of ${taken.high('page.upgrades')} upgrades had the header, and ${taken.text('page.fetchesAuthorized')} of fetches`,
  },
  {
    id: 'token-in-url',
    place: AUTHENTICATION,
    said: 'Authenticate after connection (preferred)',
    how: 'A server that logs its requests as Fastify does: whether a token of a URL, or one of the first message, is in a line of the log.',
    bounds: [
      { figure: 'logs.urlTokens', least: 1 },
      { figure: 'logs.messageTokens', most: 0 },
    ],
    numbers: (taken) =>
      `in the log: ${taken.text('logs.urlTokens')} of the tokens in URLs, ${taken.text('logs.messageTokens')} of those in first messages`,
  },
];
