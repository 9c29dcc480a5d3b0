import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ForeignServer } from '../../generator.ts';
import { resolveTarget } from '../target-address.ts';
import { describeAdapter, readClockApart, rehearseApart } from './ask-adapter.ts';

/** Of what never comes back; all else has the usual time, for a process may begin late on a busy machine. */
const SILENT_MS = 2000;

let folder = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'apart-'));
});

afterAll(async () => rm(folder, { recursive: true }));

async function fileWith(name: string, text: string): Promise<string> {
  const path = join(folder, `${name}.mjs`);
  await writeFile(path, text);
  return path;
}

async function rehearsed(name: string, text: string): Promise<void> {
  const path = await fileWith(name, `export const adapter = { label: 'mine', by: 'own', ${text} };`);
  return rehearseApart(await serverOf(path), timeFor(name));
}

function timeFor(name: string): number | undefined {
  return name.startsWith('loops') ? SILENT_MS : undefined;
}

async function serverOf(adapter: string, target = 'ws://127.0.0.1:1/'): Promise<ForeignServer> {
  const address = await resolveTarget(target);
  return { adapter, id: 'mine', label: 'mine', isPublishedTo: false, hasClock: false, address };
}

function line(message: RegExp): { code: string; message: string } {
  return { code: 'adapter', message: expect.stringMatching(message) as string };
}

// Each is a process of its own, and some of them wait.
describe.concurrent('whatever an adapter does is a line', () => {
  test('what it says of itself is known, and nothing of it runs here', async () => {
    const text = "globalThis.trace = 1; export default { label: 'mine', by: 'polling', read() {}, clock() {} };";
    expect(await describeAdapter(await fileWith('good', text))).toEqual({
      by: 'polling',
      label: 'mine',
      isPublishedTo: false,
      hasClock: true,
    });
    expect(globalThis).not.toHaveProperty('trace');
  });

  test.each([
    ['exits', 'process.exit(0);', /exits\.mjs: it cannot be loaded: the adapter called process\.exit/],
    ['vanishes', 'process.reallyExit(0);', /vanishes\.mjs: its process is gone: .* exit code 0/],
    ['throws', "throw new Error('no port');", /cannot be loaded: no port/],
    ['loops', 'for (;;);', /loops\.mjs: it has computed for 2 s and not come back/],
  ])('at its top it %s', async (name, text, message) => {
    await expect(describeAdapter(await fileWith(name, text), timeFor(name))).rejects.toMatchObject(line(message));
  });

  test.each([
    [
      'loops in read',
      "read() { for (;;); }, async connect(target, hear) { setTimeout(hear, 1, 'x'); return { close() {} }; }",
      /not come back/,
    ],
    [
      'connects to nothing',
      'read() {}, async connect() { return {}; }',
      /"connect" resolved to something without "close"/,
    ],
    [
      'throws from a timer',
      "read() {}, async connect() { setTimeout(() => { throw new Error('late'); }, 1); return { close() {} }; }",
      /threw where nobody catches it: late \(throws-from-a-timer\.mjs:\d+:\d+\)/,
    ],
    [
      'rejects later',
      "read() {}, async connect() { void Promise.reject(new Error('late')); return { close() {} }; }",
      /threw where nobody catches it: late/,
    ],
    [
      'hears nonsense',
      'read() {}, async connect(target, hear) { setTimeout(hear, 1, 7); return { close() {} }; }',
      /told "hear" what is neither a text nor bytes/,
    ],
    [
      'exits later',
      'read() {}, async connect() { setTimeout(() => process.exit(0), 1); return { close() {} }; }',
      /called process\.exit/,
    ],
  ])('one that %s', async (name, text, message) => {
    await expect(rehearsed(name.replaceAll(' ', '-'), text)).rejects.toMatchObject(line(message));
  });

  test('one whose own client finds nobody', async () => {
    const text =
      "read() {}, async connect() { throw Object.assign(new Error('x'), { code: 'ECONNREFUSED', syscall: 'connect' }); }";
    await expect(rehearsed('nobody', text)).rejects.toMatchObject({
      code: 'target-unreachable',
      message: expect.stringMatching(/nobody answers at 127\.0\.0\.1:1 \(ECONNREFUSED\)/) as string,
    });
  });

  test('a connection that ends without a word of why', async () => {
    const text = 'read() {}, async connect(target, hear) { setTimeout(hear.ended, 1); return { close() {} }; }';
    await expect(rehearsed('ending', text)).rejects.toMatchObject({
      code: 'target-unreachable',
      message: expect.stringMatching(/127\.0\.0\.1:1: undefined: see what the server says/) as string,
    });
  });

  test('what is said of its address is said without what may be secret', async () => {
    const text = "export default { label: 'x', by: 'own', read() {}, async connect({ url }) { await fetch(url); } };";
    const server = await serverOf(await fileWith('fetching', text), 'http://ann:s3cret@127.0.0.1:1/?token=QQ');
    await expect(rehearseApart(server)).rejects.toMatchObject({
      message: expect.stringMatching(/credentials: http:\/\/…@127\.0\.0\.1:1\/\?token=…/) as string,
    });
  });

  test('what is wrong with the close of a connection is of no figure', async () => {
    const connect =
      "async connect(target, hear) { setTimeout(hear, 1, 'x'); return { close() { throw new Error('no'); } }; }";
    await expect(rehearsed('closing', `read: () => ({ seq: 1 }), ${connect}`)).resolves.toBeUndefined();
  });

  test('a clock that throws before there is anything to wait for', async () => {
    const text = "export default { label: 'x', by: 'polling', read() {}, clock() { throw new Error('no time'); } };";
    const server = await serverOf(await fileWith('clock', text));
    await expect(readClockApart(server)).rejects.toMatchObject(line(/"clock" failed: no time/));
  });

  test.each(['websocket', 'events', 'polling', 'socketio'])('%s asks with who stands in the address', async (by) => {
    const asked = Promise.withResolvers<readonly (string | undefined)[]>();
    const server = createServer(({ headers, url }, response) => {
      asked.resolve([headers.authorization, url]);
      response.writeHead(401).end();
    });
    server.on('upgrade', ({ headers, url }, socket) => {
      asked.resolve([headers.authorization, url]);
      socket.end('HTTP/1.1 401 Unauthorized\r\n\r\n');
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const path = await fileWith(by, `export default { label: 'x', by: '${by}', read() {} };`);
    const rehearsal = rehearseApart(await serverOf(path, `http://ann:s%40@127.0.0.1:${port}/a?token=QQ`));
    await expect(rehearsal).rejects.toMatchObject({ code: 'target-refused' });
    expect(await asked.promise).toEqual(['Basic YW5uOnNA', expect.stringContaining('token=QQ')]);
    server.close();
  });
});
