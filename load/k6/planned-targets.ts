import type { DimensionValues } from '../../scenarios/dimensions.ts';
import { headerProfile, type TransportId, transportRow } from '../../servers/registry.ts';
import type { PlannedTarget } from './lines.ts';

/** Its WebSocket offers what it can read by itself, and fails where a script says it. */
const EXTENSIONS = /^sec-websocket-extensions:/i;

interface Asked {
  readonly transport: TransportId;
  readonly values: DimensionValues;
  /** Over TLS; absent: without. */
  readonly isSecure?: boolean;
}

/** What scripts of a variant load, each with its port, and what headers they send there. */
export function plannedTargets(
  { transport, values, isSecure = false }: Asked,
  hosts: readonly string[],
): PlannedTarget[] {
  const { connectsBy } = transportRow(transport);
  const profile = headerProfile(values.headers, isSecure);
  return hosts.map((host) => ({
    host,
    ...(isSecure && { isSecure }),
    headers: profile[connectsBy](host).filter((line) => !EXTENSIONS.test(line)),
  }));
}
