import type { MetricId } from '../scenarios/metrics.ts';
import type { TransportId } from '../servers/registry.ts';
import type { OpenGenerator } from './generator.ts';

export interface GeneratorRow {
  readonly label: string;
  readonly summary: string;
  /** How fine the clock is that it takes staleness with. */
  readonly resolutionNs: number;
  /** What it cannot measure, and why. */
  readonly unavailable: Partial<Record<MetricId, string>>;
  /** Which transports it cannot drive, and why. */
  readonly cannotDrive: Partial<Record<TransportId, string>>;
  readonly load: () => Promise<{ readonly openGenerator: OpenGenerator }>;
}

/** Every generator: its folder and this row. */
export const GENERATORS = {
  native: {
    label: 'native',
    summary: "feedbench's own: raw sockets in worker processes of Node",
    resolutionNs: 1,
    unavailable: {},
    cannotDrive: {},
    load: () => import('./native/generator.ts'),
  },
} as const satisfies Record<string, GeneratorRow>;

export type GeneratorId = keyof typeof GENERATORS;

export function generatorRow(id: GeneratorId): GeneratorRow {
  return GENERATORS[id];
}
