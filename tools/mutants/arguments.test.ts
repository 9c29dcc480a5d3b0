import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { isMutated } from './areas.ts';
import { nameOf, parseArguments, staleArguments } from './arguments.ts';
import { mutantsOf } from './mutations.ts';

const ROOT = dirname(dirname(import.meta.dirname));

test('each argument is about a mutant that is still there', () => {
  const argued = parseArguments(readFileSync(join(import.meta.dirname, 'argued.json'), 'utf8'));
  const paths = new Set([...argued.keys()].map((name) => name.split(': ', 1)[0] ?? ''));
  const mutants = [...paths].flatMap((path) => mutantsOf(path, readFileSync(join(ROOT, path), 'utf8')));
  expect([...paths].filter((path) => !isMutated(path))).toEqual([]);
  expect(staleArguments(argued, mutants)).toEqual([]);
});

const source = 'const a = 1;\n';
const [mutant] = mutantsOf('a.ts', source);

test('an argument fits its mutant wherever the line is, and no longer when the line has changed', () => {
  const name = mutant === undefined ? '' : nameOf(mutant);
  const argued = parseArguments(
    JSON.stringify([{ because: 'nobody reads it', mutants: { 'a.ts': [name.replace('a.ts: ', '')] } }]),
  );
  expect(argued.get(name)).toBe('nobody reads it');
  expect(staleArguments(argued, mutantsOf('a.ts', `\n\n${source}`))).toEqual([]);
  expect(staleArguments(argued, mutantsOf('a.ts', 'const a = 3;\n'))).toEqual([name]);
});

test('an argument without words, or one that is there twice, is refused', () => {
  expect(() => parseArguments('[{"because":"","mutants":{"a.ts":["x"]}}]')).toThrow('because');
  expect(() => parseArguments('[{"because":"so","mutants":{"a.ts":["x","x"]}}]')).toThrow('argued twice: a.ts: x');
});
