import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { builtName, isSource, strip, type Stripped, withBuiltNames } from './built-source.ts';
import { meantBy, referencesOf } from './references.ts';
import { treeFiles } from './tree.ts';

/** In which folder of a package the tree is. */
export const BUILT = 'dist';

/** Of which files, by their paths from `root`, and what lies above the tree. */
export interface Recipe {
  readonly root: string;
  /** The programs that are started by their paths from outside. */
  readonly entries: readonly string[];
  readonly beside: readonly string[];
}

/**
 * Makes in `out` what a package runs: JavaScript for each source that the entries reach, and every file that is none.
 * Throws where something is named that the package does not have.
 */
export function buildTree({ root, entries, beside }: Recipe, out: string): void {
  const files = new Set(treeFiles(root));
  const sources = reachedFrom(entries, { root, files });
  const packed = [...files].filter((path) => !isSource(path) || sources.has(path));
  const built = new Map([...sources].map(([path, source]) => [builtName(path), withBuiltNames(source, files)]));
  const dangling = danglingIn(built, [...packed.map((path) => `${BUILT}/${builtName(path)}`), ...beside]);
  if (dangling.length > 0) throw new Error(dangling.join('\n'));
  rmSync(out, { recursive: true, force: true });
  for (const path of packed) {
    const place = join(out, builtName(path));
    mkdirSync(dirname(place), { recursive: true });
    const text = built.get(builtName(path));
    if (text === undefined) cpSync(join(root, path), place);
    else writeFileSync(place, text);
  }
}

interface Tree {
  readonly root: string;
  readonly files: ReadonlySet<string>;
}

/** Whatever they import, start, or hand to another program. */
function reachedFrom(entries: readonly string[], { root, files }: Tree): Map<string, Stripped> {
  const reached = new Map<string, Stripped>();
  const waiting = [...entries];
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    if (reached.has(path)) continue;
    const stripped = strip(path, readFileSync(join(root, path), 'utf8'), files);
    reached.set(path, stripped);
    waiting.push(
      ...stripped.references.filter(({ target }) => isSource(target)).flatMap((reference) => meantBy(reference, files)),
    );
  }
  return reached;
}

/** What built files name that is not there, a line each. */
function danglingIn(built: ReadonlyMap<string, string>, files: readonly string[]): string[] {
  return [...built].flatMap(([path, text]) =>
    referencesOf(`${BUILT}/${path}`, text)
      .references.filter((reference) => meantBy(reference, files).length === 0)
      .map(({ words }) => `${path} names ${words}, which is not in the package`),
  );
}
