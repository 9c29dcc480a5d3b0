import { z } from 'zod';
import type { Mutant } from './mutations.ts';

const ARROW = ' => becomes => ';

/** Why some mutants may live, and which: for each path, the line as it stands and what becomes of it. */
const argumentsSchema = z.array(
  z.strictObject({ because: z.string().min(1), mutants: z.record(z.string(), z.array(z.string()).min(1)) }),
);

export type Arguments = ReadonlyMap<string, string>;

/** From the text of the file; by the names of the mutants. Throws where it is not as it should be, or says one twice. */
export function parseArguments(text: string): Arguments {
  const found = new Map<string, string>();
  for (const { because, mutants } of argumentsSchema.parse(JSON.parse(text))) {
    for (const name of Object.entries(mutants).flatMap(([path, changes]) =>
      changes.map((change) => `${path}: ${change}`),
    )) {
      if (found.has(name)) throw new TypeError(`argued twice: ${name}`);
      found.set(name, because);
    }
  }
  return found;
}

/** Under which a mutant is argued: it stays while the line does, wherever in its file that stands. */
export function nameOf({ path, original, changed }: Mutant): string {
  return `${path}: ${original}${ARROW}${changed}`;
}

/** Arguments about what is no longer there. */
export function staleArguments(argued: Arguments, mutants: readonly Mutant[]): string[] {
  const names = new Set(mutants.map(nameOf));
  return [...argued.keys()].filter((name) => !names.has(name));
}
