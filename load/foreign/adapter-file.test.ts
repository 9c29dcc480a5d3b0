import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { loadAdapter } from './adapter-file.ts';

let folder = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'adapter-'));
});

afterAll(async () => rm(folder, { recursive: true }));

async function fileWith(name: string, text: string): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, text);
  return path;
}

test('an adapter is what its file exports, by name or by default', async () => {
  const text = "{ label: 'mine', by: 'websocket', read: () => undefined }";
  const named = await fileWith('named.mjs', `export const adapter = ${text};`);
  const unnamed = await fileWith('unnamed.mjs', `export default ${text};`);
  expect(await loadAdapter(named)).toMatchObject({ label: 'mine' });
  expect(await loadAdapter(unnamed)).toMatchObject({ by: 'websocket' });
});

test.each([
  ['nothing.mjs', 'export const other = 1;', /it exports no adapter/],
  ['no-read.mjs', "export const adapter = { label: 'x', by: 'websocket' };", /adapter\.read: must be a function/],
  ['no-label.mjs', "export const adapter = { by: 'websocket', read() {} };", /adapter\.label: /],
  [
    'kind.mjs',
    "export const adapter = { label: 'x', by: 'pigeon', read() {} };",
    /adapter\.by: .*; there are websocket, events/,
  ],
  ['misspelt.mjs', "export const adapter = { label: 'x', by: 'events', read() {}, publsh() {} };", /publsh/],
  [
    'throws.mjs',
    "throw new Error('no port\\nat all');",
    /it cannot be loaded: no port; correct what it does at its top/,
  ],
])('%s: what is wrong with it is told in a line', async (name, text, message) => {
  const path = await fileWith(name, text);
  const failure = { code: 'adapter', message: expect.stringMatching(message) as string };
  await expect(loadAdapter(path)).rejects.toMatchObject(failure);
  await expect(loadAdapter(path)).rejects.toMatchObject({ message: expect.stringContaining(name) as string });
});

test('one that is not there is told', async () => {
  await expect(loadAdapter(join(folder, 'gone.ts'))).rejects.toMatchObject({
    code: 'adapter',
    message: expect.stringMatching(/gone\.ts: there is no such file/) as string,
  });
});

test('what imports something that is not there is told what', async () => {
  const path = await fileWith('lonely.mjs', "import 'no-such-package-at-all';");
  await expect(loadAdapter(path)).rejects.toMatchObject({
    message: expect.stringMatching(/no-such-package-at-all.*install what it imports/) as string,
  });
});
