import { randomBytes } from 'node:crypto';
import { z } from 'zod';

/** The one version that servers here speak (RFC 8446). */
export const TLS_VERSION = 'TLSv1.3';

/** What a server shows, and by what it proves that it is its own; both as PEM. */
export const serverIdentitySchema = z.strictObject({
  certificate: z.string().startsWith('-----BEGIN CERTIFICATE-----'),
  key: z.string().startsWith('-----BEGIN PRIVATE KEY-----'),
  /**
   * By what tickets are sealed, 48 bytes in base64: servers that have the same one go on with each other's sessions, as does a
   * server that was started anew. Absent: its own.
   */
  ticketKey: z.base64().length(64).optional(),
});

export type ServerIdentity = z.output<typeof serverIdentitySchema>;

/** Who vouches for a server, which clients trust, as PEM; and the server. */
export interface ThrowAwayAuthority {
  readonly authority: string;
  readonly server: ServerIdentity;
}

const TICKET_KEY_BYTES = 48;
const DAY_MS = 24 * 3600 * 1000;
/** From now on. Clocks of other machines may be behind; a campaign ends long before. */
const USUAL = { name: 'feedbench: good for one run', fromMs: -DAY_MS, untilMs: 7 * DAY_MS } as const;
interface AuthorityOptions {
  /** Who trusts several at once tells them by it. */
  readonly name: string;
  readonly fromMs: number;
  readonly untilMs: number;
}

/** What RFC 5280 calls an IP address among the names of a subject, as the library numbers them. */
const IP_ADDRESS = 7;

/**
 * An authority that vouches for one server and is forgotten: its own key is kept nowhere, so that nothing else can ever be signed
 * with it. The server is known by these IP addresses. Both have keys of the curve P-256, and no certificate stands between them.
 */
export async function newAuthority(
  addresses: readonly string[],
  { name, fromMs, untilMs }: AuthorityOptions = USUAL,
): Promise<ThrowAwayAuthority> {
  const { generate } = await import('selfsigned');
  const validity = {
    keyType: 'ec',
    curve: 'P-256',
    algorithm: 'sha256',
    notBeforeDate: new Date(Date.now() + fromMs),
    notAfterDate: new Date(Date.now() + untilMs),
  } as const;
  const authority = await generate(named(name), {
    ...validity,
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', keyCertSign: true, critical: true },
    ],
  });
  const server = await generate(named(addresses[0] ?? 'nowhere'), {
    ...validity,
    ca: { key: authority.private, cert: authority.cert },
    extensions: [
      { name: 'basicConstraints', cA: false, critical: true },
      { name: 'keyUsage', digitalSignature: true, critical: true },
      { name: 'extKeyUsage', serverAuth: true },
      { name: 'subjectAltName', altNames: addresses.map((ip) => ({ type: IP_ADDRESS, ip })) },
    ],
  });
  const ticketKey = randomBytes(TICKET_KEY_BYTES).toString('base64');
  return { authority: authority.cert, server: { certificate: server.cert, key: server.private, ticketKey } };
}

function named(value: string): { name: string; value: string }[] {
  return [{ name: 'commonName', value }];
}
