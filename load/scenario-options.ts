import { type AskedValues, dimension, DIMENSION_IDS, parseValue } from '../scenarios/dimensions.ts';
import { Failure } from '../scenarios/failures.ts';
import type { Workload } from '../scenarios/feed/workload.ts';
import { type BackplaneId, BACKPLANES, DEFAULT_BACKPLANE_IDS } from '../servers/backplanes.ts';
import { TRANSPORT_IDS, type TransportId, TRANSPORTS } from '../servers/registry.ts';
import { presetForNobody } from './variants.ts';

/** What a scenario measures where nobody asks; undefined where it leaves that to what is usual. */
export interface ScenarioOptions {
  readonly transports: readonly TransportId[] | undefined;
  readonly backplanes: readonly BackplaneId[] | undefined;
  readonly preset: AskedValues;
}

/** A workload file says it in the words of the command line, an entry or several. Throws `usage`. */
export function scenarioOptions({ name, options = [{}] }: Pick<Workload, 'name' | 'options'>): ScenarioOptions[] {
  return options.map((entry, index) =>
    parseEntry(entry, `scenario ${name}: options${options.length > 1 ? `.${index}` : ''}`),
  );
}

function parseEntry(
  { transport, backplane, ...others }: Readonly<Record<string, string>>,
  place: string,
): ScenarioOptions {
  const of = (option: string): string => `${place}.${option}`;
  const entry = {
    transports: transport === undefined ? undefined : parseRows(TRANSPORTS, transport, of('transport')),
    backplanes: backplane === undefined ? undefined : parseRows(BACKPLANES, backplane, of('backplane')),
    preset: parseDimensions(others, of),
  };
  const { transports = TRANSPORT_IDS, backplanes = DEFAULT_BACKPLANE_IDS, preset } = entry;
  const stranger = presetForNobody(preset, { transports, backplanes });
  if (stranger === undefined) return entry;
  throw new Failure('usage', `${of(stranger.option)} ${stranger.text}`);
}

function parseRows<Id extends string>(rows: Readonly<Record<Id, object>>, text: string, place: string): Id[] {
  return wordsOf(text).map((word) => {
    const id = (Object.keys(rows) as Id[]).find((candidate) => isNamed(candidate, rows[candidate], word));
    if (id !== undefined) return id;
    throw new Failure('usage', `${place}: there is no "${word}"; there are ${Object.keys(rows).join(', ')}`);
  });
}

function isNamed(id: string, row: object, word: string): boolean {
  return id === word || ('aliases' in row && Array.isArray(row.aliases) && row.aliases.includes(word));
}

function parseDimensions(options: Readonly<Record<string, string>>, of: (option: string) => string): AskedValues {
  return Object.fromEntries(
    Object.entries(options).map(([option, text]) => {
      const id = DIMENSION_IDS.find((candidate) => dimension(candidate).option === option);
      if (id !== undefined) return [id, wordsOf(text).map((word) => parseValue(id, word, of(option)))];
      const known = DIMENSION_IDS.map((candidate) => dimension(candidate).option);
      throw new Failure('usage', `${of(option)}: there are transport, backplane, ${known.join(', ')}`);
    }),
  );
}

function wordsOf(text: string): string[] {
  return [...new Set(text.split(',').map((word) => word.trim()))];
}
