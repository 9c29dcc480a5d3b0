import { type Command, Option } from 'commander';
import {
  type AskedValues,
  dimension,
  DIMENSION_IDS,
  type DimensionId,
  optionText,
  parseValue,
  type ValueOf,
} from '../scenarios/dimensions.ts';
import { BACKPLANE_IDS, backplaneRow } from '../servers/backplanes.ts';
import { PATH } from '../servers/path.ts';
import { TRANSPORT_IDS, transportRow } from '../servers/registry.ts';

/** An option for each dimension; several values multiply. */
export function addDimensions(command: Command): Command {
  for (const id of DIMENSION_IDS) command.addOption(optionOf(id));
  return command;
}

/** An option for each dimension of which servers are told, but for these; one value each. */
export function addServerDimensions(command: Command, without: readonly DimensionId[]): Command {
  for (const id of DIMENSION_IDS) {
    const { ofClients = false, of } = dimension(id);
    if (!ofClients && of !== 'path' && !without.includes(id)) command.addOption(singleOptionOf(id));
  }
  return command;
}

/** Takes several values, with commas between and none twice. */
export function optionOf(id: DimensionId): Option {
  return describedOption(id, '; several with commas between').argParser((text: string) => [
    ...new Set(text.split(',').map((word) => parseValue(id, word.trim()))),
  ]);
}

/** Takes one value, as a list all the same. */
export function singleOptionOf(id: DimensionId): Option {
  return describedOption(id, '').argParser((text: string) => [parseValue(id, text)]);
}

function describedOption(id: DimensionId, often: string): Option {
  const { option, summary, values, usual } = dimension(id);
  // Keys that are whole numbers come first in an object, wherever they stand.
  const ids = values.kind === 'choice' ? Object.keys(values.of) : [];
  const sorted = ids.toSorted((a, b) => Number(b === usual) - Number(a === usual));
  const choices = sorted.length === 0 ? '' : `: ${sorted.join(', ')}`;
  return new Option(
    `--${option} <${often === '' ? 'value' : 'values'}>`,
    `${summary}${choices}${often}${defaultText(id, often !== '')}`,
  );
}

/** What is measured where nobody asks; a node by hand then takes all that a transport has several of. */
function defaultText(id: DimensionId, isMeasured: boolean): string {
  const { of, usual } = dimension(id);
  const rows = {
    transport: TRANSPORT_IDS.map(transportRow),
    backplane: BACKPLANE_IDS.map(backplaneRow),
    path: [{ dimensions: PATH }],
  }[of];
  const several = rows.flatMap(({ dimensions }) => {
    const otherwise: readonly (string | number)[] = dimensions[id]?.otherwise ?? [];
    return otherwise.map((value) => optionText(id, value));
  });
  const others = [...new Set(several)];

  if (of === 'backplane') return ` (default: ${[usual, ...others].join(', or ')} where they can be shared)`;
  if (several.length > 0)
    return isMeasured ? ` (default: ${others.join(', ')})` : ' (default: what the client chooses)';
  if (typeof usual === 'function') return " (default: the scenario's)";
  return typeof usual === 'string' ? ` (default: ${usual})` : '';
}

/** Of the options as commander gives them. */
export function askedValues(options: object): AskedValues {
  const given = new Map<string, unknown>(Object.entries(options));
  return Object.fromEntries(
    DIMENSION_IDS.flatMap((id) => {
      const values = given.get(optionOf(id).attributeName());
      return values === undefined ? [] : [[id, values]];
    }),
  ) as { [Id in DimensionId]?: readonly ValueOf<Id>[] };
}
