import { type Claim, holdsIf } from './verdict.ts';

const AUTHENTICATION = 'Authentication and Security';

/** How clients show who they are. */
export const SECURITY_CLAIMS: readonly Claim[] = [
  {
    id: 'no-authorization',
    place: AUTHENTICATION,
    said: 'The browser WebSocket API does not support custom headers during the handshake',
    how: 'A page in Chromium that tries to send Authorization with an upgrade in every way that its constructor takes; what came is read at the server.',
    figures: ['pageAuthorization', 'pageUpgrades'],
    judge: (taken) =>
      holdsIf(
        taken.high('pageAuthorization') === 0,
        `${taken.high('pageAuthorization')} of ${taken.high('pageUpgrades')} upgrades had the header`,
      ),
  },
  {
    id: 'token-in-url',
    place: AUTHENTICATION,
    said: 'Authenticate after connection (preferred)',
    how: 'A server that logs its requests as Fastify does: whether a token of a URL, or one of the first message, is in a line of the log.',
    figures: ['urlTokensLogged', 'messageTokensLogged'],
    judge: (taken) =>
      holdsIf(
        taken.low('urlTokensLogged') === 1 && taken.high('messageTokensLogged') === 0,
        `in the log: ${taken.text('urlTokensLogged')} of the tokens in URLs, ${taken.text('messageTokensLogged')} of those in first messages`,
      ),
  },
];
