import type { ValueOf } from '../../scenarios/dimensions.ts';
import type { HeaderProfile } from '../transport.ts';

const CHROME = 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36';

const COOKIE =
  'Cookie: session=s%3A7Qm2cV0kz1XbN4fJrT8uYwLd6HgPe3Ao.5rKx9vZtB2nWqS7yEjM4hUcIf0GaDlPp; theme=dark; _ga=GA1.1.1204957362.1763980000';

/**
 * What a client sends besides what the protocol needs. `browser` is what Chrome 142 sends for a same-origin fetch, for an
 * EventSource and for an upgrade, with a session and an analytics cookie; `minimal` is a program that knows what it wants.
 */
export const HEADER_PROFILES = {
  browser: {
    fetch: (host) => [
      `User-Agent: ${CHROME}`,
      'Accept: */*',
      'Accept-Encoding: gzip, deflate',
      'Accept-Language: en-US,en;q=0.9',
      `Referer: http://${host}/`,
      'sec-ch-ua: "Chromium";v="142", "Google Chrome";v="142", "Not_A Brand";v="99"',
      'sec-ch-ua-mobile: ?0',
      'sec-ch-ua-platform: "Linux"',
      'Sec-Fetch-Dest: empty',
      'Sec-Fetch-Mode: cors',
      'Sec-Fetch-Site: same-origin',
      COOKIE,
    ],
    events: (host) => [
      `User-Agent: ${CHROME}`,
      'Pragma: no-cache',
      'Cache-Control: no-cache',
      'Accept: text/event-stream',
      'Accept-Encoding: gzip, deflate',
      'Accept-Language: en-US,en;q=0.9',
      `Referer: http://${host}/`,
      'sec-ch-ua: "Chromium";v="142", "Google Chrome";v="142", "Not_A Brand";v="99"',
      'sec-ch-ua-mobile: ?0',
      'sec-ch-ua-platform: "Linux"',
      'Sec-Fetch-Dest: empty',
      'Sec-Fetch-Mode: cors',
      'Sec-Fetch-Site: same-origin',
      COOKIE,
    ],
    upgrade: (host) => [
      `User-Agent: ${CHROME}`,
      'Pragma: no-cache',
      'Cache-Control: no-cache',
      'Accept-Encoding: gzip, deflate',
      'Accept-Language: en-US,en;q=0.9',
      `Origin: http://${host}`,
      COOKIE,
    ],
  },
  minimal: {
    fetch: () => [],
    events: () => [],
    upgrade: () => [],
  },
} as const satisfies Record<ValueOf<'headers'>, HeaderProfile>;
