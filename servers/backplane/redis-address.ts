import { Failure } from '../../scenarios/failures.ts';

/**
 * An address of Redis as it may be shown, `redis://127.0.0.1:6379/3`: where it is, and nothing of who asks and with what
 * secret. Throws `usage`, without a word of it, where it is none, or where it is not certain what of it is secret: an @
 * behind the host is the rest of a password that holds a / or a #.
 */
export function shownAddress(address: string): string {
  const url = URL.parse(address);
  if (url === null || !isReadAlike(address) || url.hostname === '') throw notAnAddress();
  if (!/^(?:\/\d*)?$/.test(url.pathname) || url.hash !== '' || url.search.includes('@')) throw notAnAddress();
  if (!isDecodable(url.username) || !isDecodable(url.password)) throw notAnAddress();
  return `${url.protocol}//${url.host}${url.pathname === '/' ? '' : url.pathname}`;
}

/**
 * Whether the client sees the scheme that the standard's parser sees: that one ignores case, spaces around an address and
 * tabs and line breaks anywhere, while ioredis takes a scheme in capitals for no TLS, and what does not begin with one for a
 * path or for a name.
 */
function isReadAlike(address: string): boolean {
  return /^rediss?:\/\/\P{Cc}*$/v.test(address) && !address.endsWith(' ');
}

function isDecodable(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}

function notAnAddress(): Failure {
  return new Failure(
    'usage',
    'REDIS_URL is no address of Redis: write it as redis://127.0.0.1:6379, redis://user:password@host:6379/3 or rediss://… for TLS; in a user name or password write %40 for @, %2F for /, %23 for # and %25 for %, and put no space or line break around it',
  );
}
