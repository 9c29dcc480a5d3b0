import { join, relative } from 'node:path';
import { INSTALLATION } from '../scenarios/installation/installation.ts';

const { kind, root, command } = INSTALLATION;

/** The line of a shell that starts this program with these words, from the folder in which it was started. */
export function commandText(words: readonly string[]): string {
  return [launcherText(), ...words.map(quoted)].join(' ');
}

/** What ends a verb's help. */
export function exampleText(words: readonly string[]): string {
  return `\nExample:\n  ${commandText(words)}`;
}

/** `./feedbench`: a name without a slash would be looked for on PATH. */
function launcherText(): string {
  if (kind === 'package') return command;
  const path = pathFromHere(join(root, 'feedbench'));
  return quoted(path.includes('/') ? path : `./${path}`);
}

/** The shorter of the two ways to name a file: from the current folder, or from the root. */
export function pathFromHere(path: string): string {
  const fromHere = relative(process.cwd(), path);
  return fromHere.length < path.length ? fromHere : path;
}

/** As one word of a POSIX shell. */
function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;
}
