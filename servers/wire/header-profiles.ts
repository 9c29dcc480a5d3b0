import type { ValueOf } from '../../scenarios/dimensions.ts';
import type { HeaderProfile } from '../transport.ts';

const USER_AGENT =
  'User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36';
const PLATFORM = 'sec-ch-ua-platform: "Linux"';
const BRANDS = ['sec-ch-ua: "Not:A-Brand";v="8", "Chromium";v="156"', 'sec-ch-ua-mobile: ?0'];
const SAME_ORIGIN = ['Sec-Fetch-Site: same-origin', 'Sec-Fetch-Mode: cors', 'Sec-Fetch-Dest: empty'];
const NO_CACHE = ['Pragma: no-cache', 'Cache-Control: no-cache'];
const COOKIE =
  'Cookie: session=s%3A7Qm2cV0kz1XbN4fJrT8uYwLd6HgPe3Ao.5rKx9vZtB2nWqS7yEjM4hUcIf0GaDlPp; theme=dark; _ga=GA1.1.1204957362.1763980000';
/** The last lines of every request. */
const ACCEPTED = ['Accept-Encoding: gzip, deflate, br, zstd', 'Accept-Language: en-US,en;q=0.9', COOKIE];

function from(host: string): string[] {
  return [...SAME_ORIGIN, `Referer: http://${host}/`, ...ACCEPTED];
}

/**
 * What a client sends besides what the protocol needs. `browser` is what Chromium 156 sends from a page to its own server
 * over TLS, or on the page's own machine, with a session and an analytics cookie, in its order; without TLS it would say less.
 * `minimal` is a program that knows what it wants.
 */
export const HEADER_PROFILES = {
  browser: {
    fetch: (host) => [PLATFORM, USER_AGENT, ...BRANDS, 'Accept: */*', ...from(host)],
    fetchPost: (host) => {
      const [brands = '', mobile = ''] = BRANDS;
      const content = ['Content-Type: application/json', mobile, 'Accept: */*', `Origin: http://${host}`];
      return [PLATFORM, USER_AGENT, brands, ...content, ...from(host)];
    },
    events: (host) => [...NO_CACHE, PLATFORM, USER_AGENT, 'Accept: text/event-stream', ...BRANDS, ...from(host)],
    xhr: (host) => [PLATFORM, USER_AGENT, 'Accept: */*', ...BRANDS, ...from(host)],
    xhrPost: (host) => {
      const [brands = '', mobile = ''] = BRANDS;
      const content = ['Content-type: text/plain;charset=UTF-8', mobile, `Origin: http://${host}`];
      return [PLATFORM, USER_AGENT, 'Accept: */*', brands, ...content, ...from(host)];
    },
    upgrade: (host) => [
      ...NO_CACHE,
      USER_AGENT,
      `Origin: http://${host}`,
      ...ACCEPTED,
      'Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits',
    ],
  },
  minimal: {
    fetch: () => [],
    events: () => [],
    xhr: () => [],
    fetchPost: () => ['Content-Type: application/json'],
    xhrPost: () => ['Content-type: text/plain;charset=UTF-8'],
    upgrade: () => [],
  },
} as const satisfies Record<ValueOf<'headers'>, HeaderProfile>;

/** Where a page came from, which its scheme is a part of. */
const ORIGIN_LINE = /^(Origin|Referer): http:/;

/** The same of a page that came over TLS. */
export function overTls(profile: HeaderProfile): HeaderProfile {
  const kinds = Object.keys(profile) as (keyof HeaderProfile)[];
  const lines = kinds.map((kind): [typeof kind, HeaderProfile[typeof kind]] => [
    kind,
    (host) => profile[kind](host).map((line) => line.replace(ORIGIN_LINE, '$1: https:')),
  ]);
  return Object.fromEntries(lines) as Record<keyof HeaderProfile, HeaderProfile['fetch']>;
}
