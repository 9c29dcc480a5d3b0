/** What Chromium says of all that a page fetches by itself (RFC 9218): soon, and good in pieces. Of a WebSocket it says nothing. */
const PRIORITY = 'u=1, i';

/**
 * Header lines of HTTP/1.1 as fields of HTTP/2 (RFC 9113, section 8.2): names in lower case, nothing of the connection. A client
 * that says how it fetches is a browser, which says there how urgent that is.
 */
export function http2Fields(lines: readonly string[]): Record<string, string> {
  const fields = Object.fromEntries(
    lines.map((line): [string, string] => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
    }),
  );
  return 'sec-fetch-mode' in fields ? { ...fields, priority: PRIORITY } : fields;
}
