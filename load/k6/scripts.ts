import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { dimension, type DimensionId, type DimensionValues, isUsual } from '../../scenarios/dimensions.ts';
import { type TransportId, transportRow } from '../../servers/registry.ts';

/** The path of the script that plays subscribers of a transport: a file in `scripts/` with its id. Undefined: there is none. */
export function scriptFor(transport: string): string | undefined {
  const path = fileURLToPath(new URL(`scripts/${transport}.ts`, import.meta.url));
  return existsSync(path) ? path : undefined;
}

/** Of what clients have to do something for, the scripts do what is usual alone. */
const USUAL_ALONE = {
  frames: 'its scripts read text, and what they do with a message costs too much already',
  compression: 'its scripts ask for nothing compressed',
  reconnect: 'what its scripts do when a connection has ended is none of the policies',
  auth: 'a script is told what it needs on its command line, which everybody on this machine can read',
  http: 'k6 speaks it where TLS agrees on it, for requests alone: it has no WebSocket in a stream of it',
  resumption: 'its scripts do not come back, and k6 decides whether its connections go on with a session',
  ask: 'its scripts poll at every interval, for what comes after the last that they have',
  shape:
    'packets joined in answers, and requests to send beside one that is held, would be a client of our own and no script',
} as const satisfies Partial<Record<DimensionId, string>>;

/** Why no script can follow the feed in this variant, of a transport that it has never heard of too; undefined where one can. */
export function whyNoScript({
  transport,
  values,
}: {
  transport: TransportId;
  values: DimensionValues;
}): string | undefined {
  if (scriptFor(transport) === undefined) return whyNone(transport);
  const ids = Object.keys(USUAL_ALONE) as (keyof typeof USUAL_ALONE)[];
  const unusual = ids.find((id) => !isUsual(id, values));
  return unusual === undefined
    ? undefined
    : `${dimension(unusual).say(String(values[unusual]))}: ${USUAL_ALONE[unusual]}`;
}

function whyNone(transport: TransportId): string {
  const { cadence, connectsBy } = transportRow(transport);
  return cadence === 'push' && connectsBy !== 'upgrade'
    ? 'k6 has no EventSource, and hands out an answer when it is whole: one that goes on never is'
    : 'k6 has no script for it';
}
