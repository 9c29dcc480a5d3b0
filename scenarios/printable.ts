const MOST_CHARACTERS = 120;

/** C0 and C1 controls, invisible formatting, line and paragraph separators: in ranges, because k6 knows no classes for them. */
const UNPRINTABLE =
  // oxlint-disable-next-line no-control-regex -- they are what it is about
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/g;

/**
 * Words of a stranger as they may stand in a report, a terminal or a result: one line, its control characters escaped as in
 * JSON, cut where it is long.
 */
export function printable(text: string): string {
  const cut = text.length > MOST_CHARACTERS ? `${text.slice(0, MOST_CHARACTERS)}…` : text;
  return cut.replaceAll(UNPRINTABLE, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** What came that is neither a message nor a notice, said once for all like it. */
export function foreignInWords(text: string): string {
  return text === ''
    ? 'the server sent a message with nothing in it'
    : `the server sent text that is no message, beginning with ${printable(text)}`;
}

/** Greedy: a password may have what ends an address. */
const USER = /^([a-z][a-z\d+.-]*:[/\\]*).*@/i;

/** An address as it may be said and kept: who stands in it is `…`, and so are the values of its query, which may be a token. */
export function withoutSecrets(address: string): string {
  const url = URL.parse(address);
  if (url === null || url.host === '') return withoutValues(address.replace(USER, '$1…@'));
  const { protocol, username, password, host, pathname, search, hash } = url;
  if ([username, password, search, hash].every((part) => part === '')) return address;
  const user = username === '' && password === '' ? '' : '…@';
  return withoutValues(`${protocol}//${user}${host}${pathname}${search}${hash}`);
}

function withoutValues(address: string): string {
  const [, place = '', query, hash] = /^([^?#]*)(?:\?([^#]*))?(#.*)?$/s.exec(address) ?? [];
  const values = query?.split('&').map((pair) => (pair.includes('=') ? `${pair.slice(0, pair.indexOf('='))}=…` : '…'));
  return `${place}${values === undefined ? '' : `?${values.join('&')}`}${hash === undefined ? '' : '#…'}`;
}
