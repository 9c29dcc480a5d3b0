import type { IncomingHttpHeaders } from 'node:http';

/**
 * Which pages may ask, for every door of a node alike (RFC 6454; RFC 6455, section 10.2; the CORS protocol of the Fetch
 * standard): a program sends no Origin; a page sends that of its own server, or one that was allowed.
 */
export class Origins {
  readonly #allowed: ReadonlySet<string>;

  /** `*` allows all. */
  constructor(allowed: readonly string[]) {
    this.#allowed = new Set(allowed);
  }

  /** Whether that page was allowed by its name: it may ask with the cookies of whoever looks at it. */
  isNamed(origin: string): boolean {
    return this.#allowed.has(origin);
  }

  /** Undefined where the request is fine, or why not, with what was compared and what would allow it. */
  refusal(headers: IncomingHttpHeaders): string | undefined {
    const { origin } = headers;
    // HTTP/2 says it there (RFC 9113, section 8.3.1).
    const host = headers[':authority']?.toString() ?? headers.host;
    if (origin === undefined || this.#allowed.has('*') || this.#allowed.has(origin) || isOwn(origin, host)) {
      return undefined;
    }
    return `a page of Origin ${origin} may not ask here, which is Host ${host ?? '(none)'}; a node opens itself to it with --origin ${isOrigin(origin) ? origin : "'*'"}`;
  }
}

/** `*`, or as a browser writes it: scheme and host in lower case, a port that is not the scheme's own, nothing behind. */
export function isOrigin(text: string): boolean {
  return text === '*' || (text !== 'null' && asOrigin(text) === text);
}

export function notAnOrigin(text: string): string {
  const meant = asOrigin(text) ?? 'https://app.example';
  return `--origin: "${text}" is not what a browser sends as Origin, which looks like ${meant}`;
}

function asOrigin(text: string): string | undefined {
  const url = URL.parse(text);
  if (url === null || url.host === '') return undefined;
  // Of schemes that it does not know, the standard makes no origin, though applications send one.
  return url.origin === 'null' ? `${url.protocol}//${url.host}` : url.origin;
}

/** Host may spell out the default port of the page's scheme, which an Origin never does, and both ignore case. */
function isOwn(originText: string, host = ''): boolean {
  const origin = URL.parse(originText);
  if (origin === null || origin.host === '') return false;
  return URL.parse(`${origin.protocol}//${host}`)?.host === origin.host;
}
