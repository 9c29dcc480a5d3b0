import { lookup } from 'node:dns/promises';
import { BlockList, isIP } from 'node:net';
import { Failure, systemErrorCode } from '../../scenarios/failures.ts';
import { withoutSecrets } from '../../scenarios/printable.ts';
import type { ForeignServer } from '../generator.ts';
import { within } from './time-limit.ts';

const LOOKUP_MS = 5000;

/** Schemes, each with the port that goes without saying, and whether it is over TLS. */
const SCHEMES: Readonly<Record<string, { readonly port: number; readonly isSecure: boolean }>> = {
  'ws:': { port: 80, isSecure: false },
  'http:': { port: 80, isSecure: false },
  'wss:': { port: 443, isSecure: true },
  'https:': { port: 443, isSecure: true },
};

/** Addresses of this machine alone; whoever connects to no address in particular connects to itself. IPv4 in IPv6 is told by itself. */
const LOOPBACK = new BlockList();
LOOPBACK.addSubnet('127.0.0.0', 8, 'ipv4');
LOOPBACK.addAddress('0.0.0.0', 'ipv4');
LOOPBACK.addAddress('::1', 'ipv6');
LOOPBACK.addAddress('::', 'ipv6');

export type TargetAddress = ForeignServer['address'];

/** What a user gave as an address, its name looked up once: all connections go to the address that was found. Throws `usage`. */
export async function resolveTarget(text: string): Promise<TargetAddress> {
  const url = parsed(text);
  const name = url.hostname.replace(/^\[(.*)\]$/, '$1');
  const scheme = SCHEMES[url.protocol];
  if (scheme === undefined) throw notAnAddress(text, `it begins with none of ${Object.keys(SCHEMES).join(', ')}`);
  const { port, isSecure } = scheme;
  const addresses = isIP(name) > 0 ? [name] : await addressesOf(name, text);
  return {
    url: url.href,
    host: addresses[0] ?? name,
    port: url.port === '' ? port : Number(url.port),
    isSecure,
    isLoopback: addresses.every(isLoopback),
  };
}

function parsed(text: string): URL {
  const url = URL.parse(text);
  if (url === null || url.hostname === '') throw notAnAddress(text, 'it is no URL');
  return url;
}

function notAnAddress(text: string, why: string): Failure {
  return new Failure(
    'usage',
    `--target ${withoutSecrets(text)}: ${why}: write an address such as ws://127.0.0.1:8080/path`,
  );
}

/** Of a name with several, all count for the question whether it is this machine. */
async function addressesOf(name: string, text: string): Promise<string[]> {
  const found = await within(LOOKUP_MS, lookup(name, { all: true })).catch((error: unknown) => {
    const code = systemErrorCode(error) ?? 'unknown error';
    throw new Failure(
      'target-unreachable',
      `--target ${withoutSecrets(text)}: there is no host "${name}" (${code}): correct its name`,
      {
        cause: error,
      },
    );
  });
  if (found !== 'late') return found.map(({ address }) => address);
  throw new Failure(
    'target-unreachable',
    `--target ${withoutSecrets(text)}: the address of "${name}" was not found within ${LOOKUP_MS / 1000} s: correct its name, or give its address`,
  );
}

export function isLoopback(address: string): boolean {
  return LOOPBACK.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');
}
