import { posix } from 'node:path';
import { childOf, childrenOf, isNode, parseSource, type SyntaxNode } from '../syntax.ts';

/** A place of a source where it names a file that lies at a place that is known from it. */
export interface Reference {
  /** From where to where the words stand in the text, quotes included. */
  readonly start: number;
  readonly end: number;
  /** What stands there: a path from the source's folder, with `*` for what is filled in. */
  readonly words: string;
  /** The path from the root of the tree. */
  readonly target: string;
}

/** A text that stands in a source. */
export interface Words {
  readonly start: number;
  readonly words: string;
}

/**
 * All files that a source names, by the ways there are to name one: what it imports, `import(…)`, `new URL(…, import.meta.url)`,
 * `import.meta.resolve(…)`, `join(import.meta.dirname, …)`. Packages and Node's own modules are none.
 * With them whatever texts stand there. Throws for `new URL(…, import.meta.url)` of what is not written in it.
 */
export function referencesOf(path: string, text: string): { references: Reference[]; words: Words[] } {
  const program = parseSource(path, text);
  if (program === undefined) throw new TypeError(`${path} cannot be parsed`);
  const references: Reference[] = [];
  const words: Words[] = [];
  const visit = (node: SyntaxNode): void => {
    references.push(...named(node, path));
    if (node.type === 'Literal' && typeof node['value'] === 'string')
      words.push({ start: node.start, words: node['value'] });
    for (const child of childrenOf(node)) visit(child);
  };
  visit(program);
  return { references, words };
}

function named(node: SyntaxNode, path: string): Reference[] {
  const folder = posix.dirname(path);
  switch (node.type) {
    case 'ImportDeclaration':
    case 'ExportAllDeclaration':
    case 'ExportNamedDeclaration':
    case 'ImportExpression':
      return isNode(node['source']) ? imported(node['source'], folder) : [];
    case 'NewExpression':
      return besideModule(node, path);
    case 'CallExpression':
      return isMeta(childOf(node, 'callee'), 'resolve')
        ? parametersOf(node).flatMap((one) => imported(one, folder))
        : joined(node, folder);
    default:
      return [];
  }
}

function imported(source: SyntaxNode, folder: string): Reference[] {
  const words = wordsOf(source);
  return words?.startsWith('.') === true ? [reference(source, words, posix.join(folder, words))] : [];
}

function besideModule(node: SyntaxNode, path: string): Reference[] {
  const [what, base] = parametersOf(node);
  if (what === undefined || base === undefined || !isMeta(base, 'url')) return [];
  const words = wordsOf(what);
  if (words === undefined) throw new Error(`${path}: new URL(…, import.meta.url) names no file: write its name there`);
  return [reference(what, words, posix.join(posix.dirname(path), words))];
}

/** Where each part is written there: the last of them is the reference. */
function joined(node: SyntaxNode, folder: string): Reference[] {
  const callee = childOf(node, 'callee');
  const [base, ...parts] = parametersOf(node);
  const from = base === undefined ? undefined : folderOf(base, folder);
  const last = parts.at(-1);
  if (callee['name'] !== 'join' || from === undefined || last === undefined) return [];
  const words = parts.map(wordsOf);
  if (!words.every((word) => word !== undefined)) return [];
  return [reference(last, words.at(-1) ?? '', posix.join(from, ...words))];
}

/** `import.meta.dirname`, and the folders above it. */
function folderOf(node: SyntaxNode, folder: string): string | undefined {
  if (isMeta(node, 'dirname')) return folder;
  const [inner] = node.type === 'CallExpression' ? parametersOf(node) : [];
  if (inner === undefined || childOf(node, 'callee')['name'] !== 'dirname') return undefined;
  const below = folderOf(inner, folder);
  return below === undefined ? undefined : posix.dirname(below);
}

function isMeta(node: SyntaxNode, property: string): boolean {
  return (
    node.type === 'MemberExpression' &&
    childOf(node, 'object').type === 'MetaProperty' &&
    childOf(node, 'property')['name'] === property
  );
}

function parametersOf(node: SyntaxNode): SyntaxNode[] {
  return (node['arguments'] as readonly unknown[]).filter(isNode);
}

function reference({ start, end }: SyntaxNode, words: string, target: string): Reference {
  return { start, end, words, target };
}

function wordsOf(node: SyntaxNode): string | undefined {
  if (node.type === 'Literal') return typeof node['value'] === 'string' ? node['value'] : undefined;
  if (node.type !== 'TemplateLiteral') return undefined;
  return (node['quasis'] as readonly { value: { cooked: string } }[]).map(({ value }) => value.cooked).join('*');
}

/** Those of the files that a reference may mean. */
export function meantBy({ target }: Reference, files: Iterable<string>): string[] {
  if (!target.includes('*')) return [...files].filter((file) => file === target || file.startsWith(`${target}/`));
  return [...files].filter((file) => posix.matchesGlob(file, target));
}
