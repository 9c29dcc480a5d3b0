import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { childrenOf, parseSource, type SyntaxNode } from '../syntax.ts';

/** Who imports whom, by paths from the root of the project; a program that is started by its path counts as imported. */
export class ImportGraph {
  readonly #importers = new Map<string, Set<string>>();

  constructor(root: string, paths: readonly string[]) {
    const known = new Set(paths);
    for (const path of paths.filter((name) => name.endsWith('.ts'))) {
      for (const imported of importsOf(path, readFileSync(join(root, path), 'utf8'))) {
        if (known.has(imported)) this.#add(imported, path);
      }
    }
  }

  /** Everything that reaches the file, nearest first, with the number of imports between. */
  reaching(path: string): ReadonlyMap<string, number> {
    const distances = new Map([[path, 0]]);
    // A map is walked in the order of insertion, what is added on the way included: breadth first.
    for (const [reached, distance] of distances) {
      for (const importer of this.#importers.get(reached) ?? []) {
        if (!distances.has(importer)) distances.set(importer, distance + 1);
      }
    }
    return distances;
  }

  #add(imported: string, importer: string): void {
    const importers = this.#importers.get(imported) ?? new Set();
    importers.add(importer);
    this.#importers.set(imported, importers);
  }
}

/** Relative module names and paths of programs, wherever they stand in the source as text; types are no imports. */
export function importsOf(path: string, source: string): string[] {
  const program = parseSource(path, source);
  return program === undefined ? [] : namesIn(program).map((name) => join(dirname(path), name));
}

function namesIn(node: SyntaxNode): string[] {
  if (node['importKind'] === 'type' || node.type.startsWith('TS')) return [];
  const { value } = node;
  if (typeof value === 'string') return /^[\w./-]+\.(ts|json)$/.test(value) ? [value] : [];
  return childrenOf(node).flatMap(namesIn);
}
