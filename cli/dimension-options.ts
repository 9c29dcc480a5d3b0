import { type Command, Option } from 'commander';
import {
  type AskedValues,
  dimension,
  DIMENSION_IDS,
  type DimensionId,
  parseValue,
  type ValueOf,
} from '../scenarios/dimensions.ts';

/** An option for each dimension; several values multiply. */
export function addDimensions(command: Command): Command {
  for (const id of DIMENSION_IDS) command.addOption(optionOf(id));
  return command;
}

/** An option for each dimension of which servers are told; one value each. */
export function addServerDimensions(command: Command): Command {
  for (const id of DIMENSION_IDS.filter((one) => dimension(one).ofClients !== true)) {
    command.addOption(singleOptionOf(id));
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
  const { option, summary, usual } = dimension(id);
  const otherwise = typeof usual === 'string' ? ` (default: ${usual})` : '';
  return new Option(`--${option} <${often === '' ? 'value' : 'values'}>`, `${summary}${often}${otherwise}`);
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
