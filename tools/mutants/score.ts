import { dirname } from 'node:path/posix';
import type { Mutant } from './mutations.ts';
import type { Outcome } from './test-host.ts';

export interface Tested {
  readonly mutant: Mutant;
  readonly outcome: Outcome;
  /** Why it may survive. */
  readonly argument: string | undefined;
}

/** The share of mutants that a test noticed, whether or not the others are argued. */
export function score(tested: readonly Tested[]): number {
  return tested.filter(({ outcome }) => outcome.state !== 'survived').length / tested.length;
}

/** One line a folder, and one for all. */
export function scoreTable(tested: readonly Tested[]): string {
  const folders = [...new Set(tested.map(({ mutant }) => dirname(mutant.path)))].toSorted();
  const width = Math.max(...folders.map((folder) => folder.length));
  const rows = folders.map((folder) =>
    row(
      folder,
      tested.filter(({ mutant }) => dirname(mutant.path) === folder),
    ),
  );
  const head = ['', 'mutants', 'killed', 'timeout', 'argued', 'survived', 'noticed'];
  return [head, ...rows, row('all', tested)]
    .map(([folder = '', ...cells]) => `${folder.padEnd(width)}${cells.map((cell) => cell.padStart(10)).join('')}`)
    .join('\n');
}

function row(folder: string, tested: readonly Tested[]): string[] {
  const survivors = tested.filter(({ outcome }) => outcome.state === 'survived');
  const count = (state: Outcome['state']): number => tested.filter(({ outcome }) => outcome.state === state).length;
  const argued = survivors.filter(({ argument }) => argument !== undefined).length;
  const cells = [tested.length, count('killed'), count('timeout'), argued, survivors.length - argued];
  return [folder, ...cells.map(String), `${(100 * score(tested)).toFixed(1)} %`];
}
