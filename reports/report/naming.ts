import { dimension, DIMENSION_IDS, type DimensionId } from '../../scenarios/dimensions.ts';
import { hasFewerClients, type Result, type Trial } from '../../scenarios/result/result.ts';
import { COLOURS, SHAPES, type TransportLook } from '../../scenarios/transport-traits.ts';
import { nodesOf, variantParts } from '../../scenarios/variant.ts';
import { countOf, distinct } from '../figures/wording.ts';
import type { Named } from './rows.ts';

export interface Naming {
  readonly sorted: readonly Trial[];
  readonly nameOf: (trial: Trial) => Named;
  /** The same for all trials of a group. */
  readonly nameOfGroup: (trial: Trial) => Named;
}

export function namingOf(result: Result): Naming {
  const { trials } = result;
  const transportIds = distinct([...Object.keys(result.transports), ...trials.map((trial) => trial.variant.transport)]);
  const many = {
    generators: distinct(trials.map((trial) => trial.generator)).length > 1,
    clients: trials.some(({ clients }) => clients > result.workload.clients),
    trials: trials.some((trial) => trial.trial > 1),
  };
  const generatorIds = Object.keys(result.generators);
  const order = (trial: Trial): (string | number)[] => [
    transportIds.indexOf(trial.variant.transport),
    nodesOf(trial.variant),
    trial.variant.backplane,
    ...DIMENSION_IDS.map((id) => placeOf(id, trial.variant.values[id])),
    generatorIds.indexOf(trial.generator),
    trial.clients,
    Number(trial.copy),
    trial.trial,
    trial.attempt,
  ];
  const sorted = trials.toSorted((a, b) => compareInTurn(order(a), order(b)));
  const settingOf = ({ variant, generator }: Trial): string =>
    [...variantParts(variant, result.workload).slice(1), generator].join(' · ');
  const settings = distinct(sorted.toSorted((a, b) => nodesOf(a.variant) - nodesOf(b.variant)).map(settingOf));
  const naming = (several: Several) => {
    return (trial: Trial): Named => {
      const transport = result.transports[trial.variant.transport]?.label ?? trial.variant.transport;
      const parts = variantParts(trial.variant, result.workload, transport);
      const others = othersOf(result, trial, several);
      const variantLabel = parts.join(', ');
      return {
        transport,
        variantLabel,
        label: [variantLabel, ...others].join(' · '),
        lines: [...parts, ...others],
        look: {
          ...lookOf(result, transportIds, trial.variant.transport),
          transportIndex: transportIds.indexOf(trial.variant.transport),
          settingIndex: settings.indexOf(settingOf(trial)),
        },
      };
    };
  };
  return { sorted, nameOf: naming(many), nameOfGroup: naming({ ...many, trials: false }) };
}

/** A transport that brings no look of its own gets what no other has, as long as there is something. */
function lookOf({ transports }: Result, ids: readonly string[], id: string): TransportLook {
  const own = transports[id]?.look;
  if (own !== undefined) return own;
  const taken = new Set(ids.map((other) => transports[other]?.look?.colour));
  const free = COLOURS.map((colour, index) => ({ colour, shape: SHAPES[index] ?? SHAPES[0] }));
  const spare = free.filter(({ colour }) => !taken.has(colour));
  const place = ids.filter((other) => transports[other]?.look === undefined).indexOf(id);
  const choice = spare.length > 0 ? spare : free;
  return choice[place % choice.length] ?? { colour: COLOURS[0], shape: SHAPES[0] };
}

interface Several {
  readonly generators: boolean;
  readonly clients: boolean;
  readonly trials: boolean;
}

/** What tells trials of one variant apart. */
function othersOf(result: Result, trial: Trial, several: Several): string[] {
  return [
    ...(several.generators ? [result.generators[trial.generator]?.label ?? trial.generator] : []),
    ...(several.clients || hasFewerClients(trial, result.workload) ? [countOf(trial.clients, 'client')] : []),
    ...(trial.copy ? ['measured as another'] : []),
    ...(several.trials ? [`trial ${trial.trial}${trial.attempt > 1 ? ', again' : ''}`] : []),
  ];
}

/** Of a value among those of its dimension: choices as the table has them, which begins with what is usual. */
function placeOf(id: DimensionId, value: string | number | undefined): number {
  const { values } = dimension(id);
  if (typeof value === 'number' || value === undefined) return value ?? -1;
  return values.kind === 'choice' ? Object.keys(values.of).indexOf(value) : -1;
}

function compareInTurn(left: readonly (string | number)[], right: readonly (string | number)[]): number {
  for (const [index, value] of left.entries()) {
    const other = right[index] ?? value;
    if (value !== other) return value < other ? -1 : 1;
  }
  return 0;
}
