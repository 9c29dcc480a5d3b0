import type { HeaderProfile } from '../../servers/transport.ts';

/** Its value is signed, as the session middleware of Express does it. */
const SESSION = /^(Cookie: .*?\bsession=s%3A)[^;]{8}/;
const COOKIE = /^Cookie: /;

/**
 * The cookie by which an app knows a session again: of every client another, as long as that of the profile where it has one. A
 * balancer finds by it whose requests belong together.
 */
export function withSession(profile: HeaderProfile, client: number): HeaderProfile {
  const own = (lines: readonly string[]): readonly string[] =>
    lines.some((line) => COOKIE.test(line))
      ? lines.map((line) => line.replace(SESSION, (_, start: string) => start + nameOf(client)))
      : [...lines, `Cookie: session=${nameOf(client)}`];
  return {
    fetch: (host) => own(profile.fetch(host)),
    events: (host) => own(profile.events(host)),
    xhr: (host) => own(profile.xhr(host)),
    fetchPost: (host) => own(profile.fetchPost(host)),
    xhrPost: (host) => own(profile.xhrPost(host)),
    upgrade: (host) => own(profile.upgrade(host)),
  };
}

/** Eight characters. */
function nameOf(client: number): string {
  return client.toString(36).padStart(8, '0');
}
