import { InvalidArgumentError } from 'commander';
import { errorMessage } from '../scenarios/failures.ts';
import { type Fault, parseFault } from '../scenarios/faults.ts';
import { parseDuration } from '../scenarios/units.ts';

export const MOST_CLIENTS = 1_000_000;
const MOST_RATIO = 100;

/** What commander calls with the text of an option; it puts the option's name in front of a complaint. */
type Parse<T> = (text: string) => T;

export function parseCount(least: number, most: number): Parse<number> {
  return (text) => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= least && value <= most) return value;
    throw new InvalidArgumentError(`It must be a whole number from ${least} to ${most}.`);
  };
}

/** More than 1: how many times one thing is another. */
const parseRatio: Parse<number> = (text) => {
  const value = Number(text);
  if (/^\d+(?:\.\d+)?$/.test(text) && value > 1 && value <= MOST_RATIO) return value;
  throw new InvalidArgumentError(`It must be a number above 1, at most ${MOST_RATIO}, such as 1.1.`);
};

/** Either what a campaign has to tell from chance, or whose server is measured: `--target` says both, each at most once. */
export interface TargetChoice {
  readonly ratio?: number;
  readonly address?: string;
}

/** A ratio, or an address: what has a scheme, or is no number. */
export function parseTarget(text: string, before: TargetChoice = {}): TargetChoice {
  if (/^[\d.]+$/.test(text) && !text.includes('://')) return { ...before, ratio: parseRatio(text) };
  if (text.trim() !== '') return { ...before, address: text.trim() };
  throw new InvalidArgumentError('It must be a ratio such as 1.1, or an address such as ws://127.0.0.1:8080/path.');
}

/** Some words, with commas between. */
export const parseWords: Parse<string[]> = (text) => text.split(',').map((word) => word.trim());

/** Some counts, with commas between and none twice. */
export function parseCounts(least: number, most: number): Parse<number[]> {
  const parse = parseCount(least, most);
  return (text) => [...new Set(text.split(',').map((word) => parse(word.trim())))];
}

export const parseTime: Parse<number> = (text) => {
  try {
    return parseDuration(text, 'it');
  } catch (error) {
    throw new InvalidArgumentError(errorMessage(error));
  }
};

/** Some faults, with commas between; none of them, where that is said. */
export const parseFaults: Parse<Fault[]> = (text) => {
  try {
    return text.trim() === 'none' ? [] : text.split(',').map((word) => parseFault(word));
  } catch (error) {
    throw new InvalidArgumentError(errorMessage(error));
  }
};

/** An empty one would be taken for every address of the machine. */
export const parseAddress: Parse<string> = (text) => {
  if (text.trim() !== '') return text.trim();
  throw new InvalidArgumentError('It must not be empty; 0.0.0.0 is every address of this machine.');
};

/** One of the rows of a registry, by its id or an alias. */
export function parseId<Id extends string>(rows: Readonly<Record<Id, object>>): Parse<Id> {
  const ids = Object.keys(rows) as Id[];
  return (text) => {
    const id = ids.find((candidate) => candidate === text || aliasesOf(rows[candidate]).includes(text));
    if (id !== undefined) return id;
    throw new InvalidArgumentError(`There is no "${text}"; there are ${ids.join(', ')}.`);
  };
}

/** Some of the rows, with commas between them and none twice. */
export function parseIds<Id extends string>(rows: Readonly<Record<Id, object>>): Parse<Id[]> {
  const parse = parseId(rows);
  return (text) => [...new Set(text.split(',').map((word) => parse(word.trim())))];
}

function aliasesOf(row: object): readonly unknown[] {
  return 'aliases' in row && Array.isArray(row.aliases) ? row.aliases : [];
}
