import { type Mutation, OPERATORS } from './operators.ts';
import { childrenOf, isNode, parseSource, type SyntaxNode } from '../syntax.ts';

/** A mutation of a file, with what a reader needs to find it. */
export interface Mutant extends Mutation {
  /** From the root of the project, with slashes. */
  readonly path: string;
  readonly line: number;
  /** The line as it stands in the source, and what becomes of it. With the path they are its name, wherever the line moves. */
  readonly original: string;
  readonly changed: string;
}

/** All mutants of a source, in the order of their places; the same text gives the same ones. */
export function mutantsOf(path: string, source: string): Mutant[] {
  const program = parseSource(path, source);
  if (program === undefined) throw new TypeError(`${path} cannot be parsed`);
  return (
    mutationsIn(program, source)
      // Some cannot be written where they stand; a text that does not parse tests nothing.
      .filter((mutation) => parseSource(path, mutate(source, mutation)) !== undefined)
      .toSorted((a, b) => a.start - b.start || a.end - b.end)
      .map((mutation) => describe({ path, source, mutation }))
  );
}

export function mutate(source: string, { start, end, text }: Mutation): string {
  return source.slice(0, start) + text + source.slice(end);
}

function mutationsIn(node: SyntaxNode, source: string): Mutation[] {
  return [
    ...(OPERATORS[node.type]?.(node, source) ?? []),
    ...behaviourOf(node).flatMap((child) => mutationsIn(child, source)),
  ];
}

/** The parts of a node that exist when the program runs and that say something of their own. */
function behaviourOf(node: SyntaxNode): readonly SyntaxNode[] {
  if (/^Import|^ExportAll/.test(node.type)) return [];
  // `as`, `satisfies` and `!` leave their expression; the rest of what is TypeScript's own are types.
  if (node.type.startsWith('TS')) return isNode(node['expression']) ? [node['expression']] : [];
  const isNamed = (node.type === 'Property' || node.type === 'PropertyDefinition') && node['computed'] !== true;
  return childrenOf(node).filter((child) => !(isNamed && child === node['key']) && child !== node['source']);
}

interface Place {
  readonly path: string;
  readonly source: string;
  readonly mutation: Mutation;
}

function describe({ path, source, mutation }: Place): Mutant {
  const from = source.lastIndexOf('\n', mutation.start - 1) + 1;
  const lineEnd = source.indexOf('\n', mutation.end);
  const to = lineEnd < 0 ? source.length : lineEnd;
  const original = oneLine(source.slice(from, to));
  const changed = oneLine(source.slice(from, mutation.start) + mutation.text + source.slice(mutation.end, to));
  return {
    ...mutation,
    path,
    line: source.slice(0, mutation.start).split('\n').length,
    original,
    changed,
  };
}

function oneLine(text: string): string {
  return text.trim().replaceAll(/\s+/g, ' ');
}
