import { stripTypeScriptTypes } from 'node:module';
import { posix } from 'node:path';
import { meantBy, type Reference, referencesOf } from './references.ts';

/** Beside sources lie scripts of pages, which are `.js`. */
const EXTENSION = '.mjs';

/** Whether it is run; other files are read. */
export function isSource(path: string): boolean {
  return path.endsWith('.ts');
}

/** How a file of the tree is called when it is built: the tree stays, so what a source says of places stays true. */
export function builtName(path: string): string {
  return path.replace(/\.ts$/, EXTENSION);
}

/** A source without its types, and the files that it names. */
export interface Stripped {
  readonly text: string;
  readonly references: readonly Reference[];
}

/**
 * Line by line as it was: what was tested is what runs, and functions whose text goes into pages have that text.
 * Throws for a name of a source by which nobody can find it.
 */
export function strip(path: string, source: string, files: ReadonlySet<string>): Stripped {
  const text = stripTypeScriptTypes(source, { mode: 'strip' });
  const { references, words } = referencesOf(path, text);
  const found = new Set(references.map(({ start }) => start));
  const folder = posix.dirname(path);
  const lost = words.find(
    ({ start, words: name }) => isSource(name) && !found.has(start) && files.has(posix.join(folder, name)),
  );
  if (lost !== undefined)
    throw new Error(
      `${path} names ${lost.words} in a way that is not followed: write new URL('${lost.words}', import.meta.url)`,
    );
  return { text, references };
}

/** It names what is built where it named sources. */
export function withBuiltNames({ text, references }: Stripped, files: ReadonlySet<string>): string {
  let built = '';
  let written = 0;
  for (const reference of references.toSorted((a, b) => a.start - b.start)) {
    const literal = text.slice(reference.start, reference.end);
    built += text.slice(written, reference.start) + renamed(reference, literal, files);
    written = reference.end;
  }
  return built + text.slice(written);
}

function renamed(reference: Reference, literal: string, files: ReadonlySet<string>): string {
  if (meantBy(reference, files).length > 0) return literal.replace(/\.ts(?=.$)/, EXTENSION);
  // What is above the tree, as package.json: it stays where it is, and the tree lies one deeper.
  const isAbove = !reference.target.includes('/') && reference.words.startsWith('../');
  return isAbove ? `'${posix.join('..', reference.words)}'` : literal;
}
