import { join, relative } from 'node:path';
import { withoutSecrets } from '../scenarios/printable.ts';
import { INSTALLATION } from '../scenarios/installation/installation.ts';

const { kind, root, command } = INSTALLATION;

/** An address, by itself or behind `--option=`. */
const ADDRESS = /^(--[\w-]+=)?((?:wss?|https?|rediss?):.*)$/is;

/**
 * The line of a shell that starts this program with these words, from the folder in which it was started. It is kept and shown: what in
 * an address may be secret is left out.
 */
export function commandText(words: readonly string[]): string {
  return [launcherText(), ...words.map((word) => quoted(openly(word)))].join(' ');
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

function openly(word: string): string {
  const [, option = '', address] = ADDRESS.exec(word) ?? [];
  return address === undefined ? word : `${option}${withoutSecrets(address)}`;
}

/** As one word of a POSIX shell. */
function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;
}
