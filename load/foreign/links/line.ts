import { Agent } from 'node:http';
import { Agent as SecureAgent } from 'node:https';
import { connect, isIP, type Socket } from 'node:net';
import { connect as connectTls, createSecureContext, type SecureContext } from 'node:tls';
import type { Sockets } from '../../library/sockets.ts';
import type { TargetAddress } from '../target-address.ts';

/** Who this machine trusts, and NODE_EXTRA_CA_CERTS. Reading them takes longer than all else of a connect. */
let trusted: SecureContext | undefined;

export function trust(): SecureContext {
  trusted ??= createSecureContext();
  return trusted;
}

/** What is below a connection to a target: it counts the bytes that cross. A name is not looked up again. */
export function openWire({ host, port }: TargetAddress): Socket {
  return connect({ host, port, noDelay: true });
}

/** Begins a connection to a target, over TLS where its address says so, and has `sockets` count what crosses. */
export function openLine(address: TargetAddress, sockets: Sockets): Socket {
  const wire = openWire(address);
  if (!address.isSecure) return sockets.add(wire);
  const name = nameOf(address);
  const carrier = connectTls({
    socket: wire,
    host: name,
    // An IP address is none that may be said (RFC 6066, section 3).
    ...(isIP(name) === 0 && { servername: name }),
    secureContext: trust(),
    ALPNProtocols: ['http/1.1'],
  });
  return sockets.add(carrier, wire);
}

/** By which a server over TLS is known: what stands in its certificate. */
function nameOf({ url }: TargetAddress): string {
  return new URL(url).hostname.replace(/^\[(.*)\]$/, '$1');
}

/** Keeps connections for the next request, as browsers do. */
export function lineAgent(address: TargetAddress, sockets: Sockets): Agent {
  const agent = new (address.isSecure ? SecureAgent : Agent)({ keepAlive: true });
  agent.createConnection = () => openLine(address, sockets);
  return agent;
}
