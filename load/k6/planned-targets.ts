import type { DimensionValues } from '../../scenarios/dimensions.ts';
import { headerProfile, type TransportId, transportRow } from '../../servers/registry.ts';
import type { PlannedTarget } from './lines.ts';

/** Its WebSocket offers what it can read by itself, and fails where a script says it. */
const EXTENSIONS = /^sec-websocket-extensions:/i;

/** What scripts of a variant load, each with its port, and what headers they send there. */
export function plannedTargets(
  { transport, values }: { readonly transport: TransportId; readonly values: DimensionValues },
  hosts: readonly string[],
): PlannedTarget[] {
  const { connectsBy } = transportRow(transport);
  const profile = headerProfile(values.headers);
  return hosts.map((host) => ({
    host,
    headers: profile[connectsBy](host).filter((line) => !EXTENSIONS.test(line)),
  }));
}
