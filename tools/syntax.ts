import { parseSync } from 'oxc-parser';

/** A node of the syntax tree (ESTree with TypeScript); positions are indices into the source text. */
export interface SyntaxNode {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly [field: string]: unknown;
}

/** Undefined where the text is no TypeScript. */
export function parseSource(path: string, text: string): SyntaxNode | undefined {
  const { program, errors } = parseSync(path, text);
  return errors.length === 0 && isNode(program) ? program : undefined;
}

export function isNode(value: unknown): value is SyntaxNode {
  return typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string';
}

/** The node in a field that must hold one. */
export function childOf(node: SyntaxNode, field: string): SyntaxNode {
  const child = node[field];
  if (!isNode(child)) throw new TypeError(`${node.type} has no ${field}`);
  return child;
}

export function childrenOf(node: SyntaxNode): SyntaxNode[] {
  return Object.values(node).flat().filter(isNode);
}

/** Whether a descendant matches, without looking into functions inside of it. */
export function contains(node: SyntaxNode, matches: (node: SyntaxNode) => boolean): boolean {
  return childrenOf(node).some((child) => matches(child) || (!isFunction(child) && contains(child, matches)));
}

export function isFunction({ type }: SyntaxNode): boolean {
  return type === 'FunctionDeclaration' || type === 'FunctionExpression' || type === 'ArrowFunctionExpression';
}
