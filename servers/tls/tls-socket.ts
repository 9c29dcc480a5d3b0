import { connect, type NetConnectOpts, type Socket } from 'node:net';
import { connect as connectTls, createSecureContext, type SecureContext, type TLSSocket } from 'node:tls';
import { TLS_VERSION } from '../../scenarios/tls/authority.ts';
import type { Handshakes } from '../../scenarios/tls/handshakes.ts';

/** How a client speaks TLS 1.3 to a server. */
export interface TlsPeer {
  /** Who vouches for the server, as PEM. */
  readonly authority: string;
  readonly handshakes?: Handshakes | undefined;
}

type MaybePeer = { readonly [Field in keyof TlsPeer]?: TlsPeer[Field] | undefined };

/** Undefined of a server that is spoken to without. */
export function peerOf({ authority, handshakes }: MaybePeer): TlsPeer | undefined {
  return authority === undefined ? undefined : { authority, handshakes };
}

export function schemeOf({ authority }: MaybePeer): 'http' | 'https' {
  return authority === undefined ? 'http' : 'https';
}

/** What is said goes through `carrier`; `wire` lies below it and counts what crosses: what `carrier` counts is plaintext. */
export interface TlsLine {
  readonly carrier: TLSSocket;
  readonly wire: Socket;
}

/** Reading an authority takes longer than all else of a connect; a process has one at a time. */
let trusted: { readonly authority: string; readonly context: SecureContext } | undefined;

/** What trusts that authority and nobody else. */
export function contextOf(authority: string): SecureContext {
  if (trusted?.authority !== authority) {
    trusted = { authority, context: createSecureContext({ ca: authority, minVersion: TLS_VERSION }) };
  }
  return trusted.context;
}

/** Begins a connection, which says `secureConnect` once it stands, and offers those `protocols` (RFC 7301); Nagle is off. */
export function openTlsSocket(place: NetConnectOpts, peer: TlsPeer, protocols?: readonly string[]): TlsLine {
  const wire = connect({ noDelay: true, ...place });
  const host = 'host' in place ? (place.host ?? '') : '';
  const carrier = connectTls({
    socket: wire,
    host,
    secureContext: contextOf(peer.authority),
    ...(protocols !== undefined && { ALPNProtocols: [...protocols] }),
    ...(peer.handshakes?.ticket !== undefined && { session: peer.handshakes.ticket }),
  });
  carrier.once('secureConnect', () => noteHandshake(carrier, peer.handshakes));
  return { carrier, wire };
}

/** Of a connection over TLS that stands: how it began, and what tickets come by it. */
export function noteHandshake(carrier: TLSSocket, handshakes: Handshakes | undefined): void {
  if (handshakes === undefined) return;
  handshakes.count(carrier.isSessionReused());
  carrier.on('session', (ticket: Buffer) => handshakes.keep(ticket));
}
