import { dimension, DIMENSION_IDS, type DimensionId, optionText } from '../../scenarios/dimensions.ts';
import { workloadJsonSchema } from '../../scenarios/feed/workload.ts';
import { RATE_PATTERN } from '../../scenarios/path/rates.ts';
import { SHARE_PATTERN } from '../../scenarios/path/shares.ts';
import { DURATION_PATTERN } from '../../scenarios/units.ts';
import { BACKPLANES } from '../../servers/backplanes.ts';
import { TRANSPORTS } from '../../servers/registry.ts';

/** What a workload file may be, as JSON Schema: what the vocabulary knows, and the options, which only the registries know all of. */
export function fullWorkloadSchema(): object {
  const { properties, ...rest } = workloadJsonSchema();
  const described = typeof properties?.['options'] === 'object' ? properties['options'].description : undefined;
  const set = { type: 'object', properties: optionProperties(), additionalProperties: false };
  return {
    ...rest,
    title: 'A workload of feedbench',
    properties: {
      ...properties,
      options: { description: described, anyOf: [set, { type: 'array', items: set, minItems: 1 }] },
    },
  };
}

function optionProperties(): Record<string, object> {
  return {
    transport: { description: 'transports, with commas between', ...listOf(namesOf(TRANSPORTS)) },
    backplane: { description: 'backplanes, with commas between', ...listOf(namesOf(BACKPLANES)) },
    ...Object.fromEntries(
      DIMENSION_IDS.map((id) => [
        dimension(id).option,
        { description: `${dimension(id).summary}; several with commas between`, ...valuesOf(id) },
      ]),
    ),
  };
}

function valuesOf(id: DimensionId): object {
  const { values, usual } = dimension(id);
  if (values.kind === 'choice') return listOf(Object.keys(values.of));
  const examples = typeof usual === 'function' ? ['3s'] : [optionText(id, usual)];
  const one = PATTERNS[values.kind].replaceAll(/^\^|\$$/g, '');
  return { type: 'string', pattern: separated(one), examples };
}

const PATTERNS = { count: String.raw`\d+`, time: DURATION_PATTERN, rate: RATE_PATTERN, share: SHARE_PATTERN };

function namesOf(rows: Readonly<Record<string, object>>): string[] {
  return Object.entries(rows).flatMap(([id, row]) => [
    id,
    ...('aliases' in row && Array.isArray(row.aliases) ? row.aliases.map(String) : []),
  ]);
}

/** One of them, or several with commas between. */
function listOf(names: readonly string[]): object {
  const one = names.map((name) => name.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`)).join('|');
  return { type: 'string', pattern: separated(one), examples: names };
}

function separated(one: string): string {
  return String.raw`^\s*(?:${one})(?:\s*,\s*(?:${one}))*\s*$`;
}
