import { childOf, contains, isFunction, isNode, type SyntaxNode } from '../syntax.ts';

/** One small change to a source text that a good test suite should notice. */
export interface Mutation {
  readonly start: number;
  readonly end: number;
  /** What stands in the source instead of the text between start and end. */
  readonly text: string;
}

/** The mutations of one node; those of its children are their own. */
type Operator = (node: SyntaxNode, source: string) => readonly Mutation[];

const OTHER_OPERATORS: Readonly<Record<string, readonly string[]>> = {
  '+': ['-'],
  '-': ['+'],
  '*': ['/'],
  '/': ['*'],
  '%': ['*'],
  '**': ['*'],
  '<': ['<=', '>='],
  '<=': ['<', '>'],
  '>': ['>=', '<='],
  '>=': ['>', '<'],
  '===': ['!=='],
  '!==': ['==='],
  '<<': ['>>'],
  '>>': ['<<'],
  '>>>': ['<<'],
  '&': ['|'],
  '|': ['&'],
  '^': ['&'],
  '&&': ['||'],
  '||': ['&&'],
  '??': ['&&'],
  '+=': ['-='],
  '-=': ['+='],
  '*=': ['/='],
  '/=': ['*='],
  '^=': ['&='],
  '|=': ['&='],
  '&=': ['|='],
  '??=': ['='],
};

/** Methods that are easily taken for each other. */
const OTHER_METHODS = opposites([
  ['every', 'some'],
  ['floor', 'ceil'],
  ['min', 'max'],
  ['push', 'unshift'],
  ['pop', 'shift'],
  ['find', 'findLast'],
  ['findIndex', 'findLastIndex'],
  ['indexOf', 'lastIndexOf'],
  ['startsWith', 'endsWith'],
  ['padStart', 'padEnd'],
]);

/** Methods whose receiver can stand for their result. */
const OMITTED_METHODS: ReadonlySet<string> = new Set([
  'filter',
  'slice',
  'subarray',
  'toSorted',
  'sort',
  'toReversed',
  'reverse',
  'trim',
  'flat',
]);

/** Words in names that stand for opposite things. */
const OTHER_WORDS = opposites([
  ['Down', 'Up'],
  ['down', 'up'],
  ['min', 'max'],
  ['first', 'last'],
  ['low', 'high'],
  ['from', 'to'],
  ['start', 'end'],
  ['Start', 'End'],
  ['received', 'published'],
  ['due', 'published'],
  ['p50', 'p99'],
  ['before', 'after'],
]);

export const OPERATORS: Readonly<Record<string, Operator>> = {
  BinaryExpression: otherOperator,
  LogicalExpression: otherOperator,
  AssignmentExpression: otherOperator,
  UnaryExpression: withoutSign,
  UpdateExpression: (node, source) => replace(node, swapped(textOf(node, source), ['++', '--'])),
  IfStatement: decided,
  ConditionalExpression: decided,
  WhileStatement: (node) => replace(childOf(node, 'test'), 'false'),
  Literal: otherLiteral,
  TemplateLiteral: (node, source) => (textOf(node, source) === '``' ? [] : replace(node, '``')),
  ArrayExpression: (node) => (isEmpty(node['elements']) ? [] : replace(node, '[]')),
  ExpressionStatement: (node) => replace(node, ';'),
  ThrowStatement: (node) => replace(node, ';'),
  ReturnStatement: withoutReturn,
  ArrowFunctionExpression: (node) => [...withoutValue(node), ...withoutEffect(node)],
  FunctionDeclaration: withoutEffect,
  FunctionExpression: withoutEffect,
  CallExpression: otherCall,
  MemberExpression: otherMember,
};

function opposites(pairs: readonly (readonly [string, string])[]): ReadonlyMap<string, string> {
  return new Map(pairs.flatMap(([one, other]) => [[one, other] as const, [other, one] as const]));
}

function textOf({ start, end }: SyntaxNode, source: string): string {
  return source.slice(start, end);
}

function isEmpty(elements: unknown): boolean {
  return Array.isArray(elements) && elements.length === 0;
}

function replace({ start, end }: SyntaxNode, ...texts: readonly string[]): Mutation[] {
  return texts.map((text) => ({ start, end, text }));
}

function swapped(text: string, [one, other]: readonly [string, string]): string {
  return text.includes(one) ? text.replace(one, other) : text.replace(other, one);
}

/** Texts can be joined but not subtracted. */
function otherOperator(node: SyntaxNode, source: string): Mutation[] {
  const operator = String(node['operator']);
  const operands = [childOf(node, 'left'), childOf(node, 'right')];
  if (operator.startsWith('+') && operands.some(isText)) return [];
  const start = source.indexOf(operator, operands[0]?.end);
  return (OTHER_OPERATORS[operator] ?? []).map((text) => ({ start, end: start + operator.length, text }));
}

function isText(node: SyntaxNode): boolean {
  return node.type === 'TemplateLiteral' || typeof node['value'] === 'string';
}

function withoutSign(node: SyntaxNode, source: string): Mutation[] {
  const operator = String(node['operator']);
  return operator === '!' || operator === '-' ? replace(node, textOf(childOf(node, 'argument'), source)) : [];
}

/** A condition that always holds, and one that never does. */
function decided(node: SyntaxNode): Mutation[] {
  return replace(childOf(node, 'test'), 'true', 'false');
}

function otherLiteral(node: SyntaxNode, source: string): Mutation[] {
  const { value } = node;
  if (typeof value === 'boolean') return replace(node, String(!value));
  if (typeof value === 'number') return replace(node, ...otherNumbers(value));
  if (typeof value === 'string') return replace(node, value === '' ? "'mutated'" : otherText(value));
  return 'regex' in node ? otherPattern(node, source) : [];
}

function otherNumbers(value: number): string[] {
  return value === 0 || value > 1000 ? [String(value + 1)] : [String(value + 1), String(value - 1)];
}

/** A name of one of two opposites becomes the other; other words go. */
function otherText(value: string): string {
  const opposite = /^\w+$/.test(value) ? otherName(value) : undefined;
  return `'${opposite ?? ''}'`;
}

/** Patterns lose an anchor. */
function otherPattern(node: SyntaxNode, source: string): Mutation[] {
  const text = textOf(node, source);
  return [text.replace('/^', '/'), text.replace(/\$(?=\/[a-z]*$)/, '')]
    .filter((other) => other !== text)
    .flatMap((other) => replace(node, other));
}

function otherName(name: string): string | undefined {
  const words = name.split(/(?=[A-Z])/);
  const index = words.findIndex((word) => OTHER_WORDS.has(word));
  if (index < 0) return undefined;
  return words.with(index, OTHER_WORDS.get(words[index] ?? '') ?? '').join('');
}

/** What is as good as nothing, or cannot be reached, stays. */
function withoutReturn(node: SyntaxNode, source: string): Mutation[] {
  const { argument } = node;
  if (!isNode(argument)) return replace(node, ';');
  return /^(?:false|null|undefined)$|satisfies never$/.test(textOf(argument, source)) ? [] : replace(node, 'return;');
}

/** An arrow function's expression; one that gives nothing anyway stays. */
function withoutValue(node: SyntaxNode): Mutation[] {
  const body = childOf(node, 'body');
  return body.type === 'BlockStatement' || body.type === 'Identifier' ? [] : replace(body, 'undefined');
}

/** The body of a function that returns nothing: what returns something loses its returns. */
function withoutEffect(node: SyntaxNode): Mutation[] {
  const { body } = node;
  if (!isNode(body) || body.type !== 'BlockStatement' || isEmpty(body['body'])) return [];
  const returns = contains(body, (inner) => inner.type === 'ReturnStatement' && isNode(inner['argument']));
  return returns || isFunction(body) ? [] : replace(body, '{}');
}

function otherCall(node: SyntaxNode, source: string): Mutation[] {
  const callee = childOf(node, 'callee');
  if (callee.type !== 'MemberExpression' || callee['computed'] === true) return [];
  const [receiver, method] = [childOf(callee, 'object'), childOf(callee, 'property')];
  const name = textOf(method, source);
  const other = OTHER_METHODS.get(name);
  if (other !== undefined) return replace(method, other);
  if (name === 'abs') return replace(callee, '');
  return OMITTED_METHODS.has(name) ? replace(node, textOf(receiver, source)) : [];
}

function otherMember(node: SyntaxNode, source: string): Mutation[] {
  const required = node['optional'] === true ? [withoutQuestion(node, source)] : [];
  const property = childOf(node, 'property');
  // `Buffer.from` and its like have no opposite.
  const isStatic = /^[A-Z]/.test(textOf(node, source));
  const other = node['computed'] === true || isStatic ? undefined : otherName(textOf(property, source));
  // A name that the file does not know would fail everywhere.
  const known = other !== undefined && new RegExp(`\\b${other}\\b`).test(source);
  return known && !OTHER_METHODS.has(textOf(property, source)) ? [...required, ...replace(property, other)] : required;
}

function withoutQuestion(node: SyntaxNode, source: string): Mutation {
  const start = source.indexOf('?.', childOf(node, 'object').end);
  return { start, end: start + 2, text: node['computed'] === true ? '' : '.' };
}
