import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { text } from 'node:stream/consumers';
import { crc32 } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import type { DimensionValues } from '../scenarios/dimensions.ts';
import { needs } from '../scenarios/testing/conditions.ts';
import { encodeBinary } from '../scenarios/feed/binary-message.ts';
import { encodeBody, encodeMessage, HeaderReader, type Notice, readNotice } from '../scenarios/feed/message.ts';
import { settleNodeOptions } from './node/node.ts';
import { TRANSPORT_IDS, type TransportId } from './registry.ts';
import { hasNginx, startTestNginx } from './testing/test-nginx.ts';
import { openTestNode, type TestNode } from './testing/test-node.ts';
import { numbers } from './testing/test-subscriber.ts';

/** PROTOCOL.md against what a node does, and against a client that shares no code with it. */

const page = readFileSync(join(import.meta.dirname, '..', 'PROTOCOL.md'), 'utf8');

const CLIENT = join(import.meta.dirname, 'testing', 'client.py');
/** Empty without Python; otherwise it names the transports that the client can hear. */
const help = String(spawnSync('python3', [CLIENT, '--help']).stdout ?? '');

function blocks(language: string): string[] {
  const fenced = page.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)\\n\`\`\`$`, 'gms'));
  return [...fenced].map(([, block = '']) => block);
}

describe('the page', () => {
  const [message = '', gap = '', reset = '', health = ''] = blocks('json');

  test('shows a message that is one, down to the byte', () => {
    const header = new HeaderReader();
    expect(header.read(Buffer.from(message))).toBe(true);
    expect(header).toMatchObject({ seq: 17, intact: true });
    const { dueNs, publishedNs } = header;
    const { data } = JSON.parse(message) as { data: unknown };
    expect(encodeMessage(17, encodeBody(dueNs, publishedNs, JSON.stringify(data))).toString()).toBe(message);
  });

  test('works out the checksum of that message', () => {
    const [covered = ''] = blocks('text');
    const { crc } = JSON.parse(message) as { crc: string };
    expect(message).toBe(`{"seq":17,${covered},"crc":"${crc}"}`);
    expect(crc32(covered).toString(16).padStart(8, '0')).toBe(crc);
    expect(page).toContain(`covers these ${Buffer.byteLength(covered)} bytes, and is \`${crc}\``);
  });

  test('shows the same message in the compact form, and a line of Python that reads it', ({ skip }) => {
    const [, spaced = ''] = blocks('text');
    const bytes = encodeBinary(Buffer.from(message));
    expect(spaced.replaceAll(' ', '')).toBe(bytes.toString('hex'));
    expect(page.replaceAll('\n', ' ')).toContain(
      `the ${Buffer.byteLength(message)} bytes above are these ${bytes.length}:`,
    );
    if (help === '') skip('python3 is not installed');
    const [lines = ''] = blocks('python');
    const program = `import json, struct, zlib\nmessage = bytes.fromhex("${spaced}")\n${lines}\nprint(json.dumps([kind.decode(), seq, due_ns, published_ns, data, intact]))`;
    const { seq, dueNs, publishedNs, data } = JSON.parse(message) as Record<string, unknown>;
    const said = String(spawnSync('python3', ['-c', program]).stdout);
    expect(JSON.parse(said)).toEqual(['M', seq, dueNs, publishedNs, data, true]);
  });

  test('shows notices that are some', () => {
    expect(readNotice(Buffer.from(gap))).toEqual({ notice: 'gap', from: 4, to: 7 });
    expect(readNotice(Buffer.from(reset))).toEqual({ notice: 'reset', latest: 3 });
  });

  test('shows the health of a node as it is told', async () => {
    await using node = await openTestNode({ transport: 'polling' });
    const answer = await fetch(`http://127.0.0.1:${node.port}/health`);
    const told = (await answer.json()) as object;
    expect(Object.keys(JSON.parse(health) as object)).toEqual(Object.keys(told));
  });

  test('tells the bounds that a node has', () => {
    const options = settleNodeOptions({ transports: ['polling'] });
    const seconds = (ms: number): string => `${ms / 1000} s`;
    expect(page).toContain(`${options.logMessages.toLocaleString('en')} messages or ${options.logBytes / 2 ** 20} MiB`);
    expect(page).toContain(`${seconds(options.holdMs)} at most`);
    expect(page).toContain(`idle for ${seconds(options.keepAliveMs)}`);
    expect(page).toContain(`within ${seconds(options.requestMs)}; the connection ends`);
    expect(page).toContain(`nothing is taken for ${seconds(options.slowMs)} ends`);
    expect(page).toContain(`nothing was taken for ${seconds(options.slowMs)}, or`);
    expect(page.replaceAll('\n', ' ')).toContain(`a Ping every ${seconds(options.heartbeatMs)};`);
    expect(page.replaceAll('\n', ' ')).toContain(`says, within ${seconds(options.authMs)}:`);
  });
});

interface Listened {
  readonly seqs: number[];
  readonly notices: Notice[];
  readonly corrupted: number;
  readonly connections: number;
  /** Answers or messages that came compressed. */
  readonly compressed: number;
}

const CLIENT_UNKNOWN = help === '' ? 'python3 is not installed' : 'the client in Python does not know this transport';

/** The client in Python hears the feed until message 400, while it comes. */
async function listen(
  node: TestNode,
  { transport, port }: { transport: TransportId; port: number },
  words: readonly string[] = [],
): Promise<Listened> {
  for (let index = 0; index < 210; index++) await node.append({ index });
  const address = `127.0.0.1:${port}`;
  const client = spawn('python3', [CLIENT, transport, address, '--until', '400', '--cut-after', '60', ...words], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const said = text(client.stdout);
  const ended = once(client, 'exit');
  for (let index = 210; index < 400; index++) {
    await node.append({ index, text: 'größer 🛰️'.repeat(index % 30) });
    // Apart from each other, so that the client has to wait for some.
    await setTimeout(1);
  }
  expect(await ended).toEqual([0, null]);
  return JSON.parse(await said) as Listened;
}

/** All 400 once and in order, the first ten of them declared as no longer held, over several connections. */
function expectWhole({ seqs, notices, corrupted, connections }: Listened): void {
  expect(notices[0]).toMatchObject({ notice: 'gap', from: 1 });
  const declared = notices.flatMap((notice) => (notice.notice === 'gap' ? numbers(notice.from, notice.to) : []));
  expect([...declared, ...seqs].toSorted((a, b) => a - b)).toEqual(numbers(1, 400));
  expect(seqs).toEqual(seqs.toSorted((a, b) => a - b));
  expect(corrupted).toBe(0);
  expect(connections).toBeGreaterThan(2);
}

describe.each(TRANSPORT_IDS.map((transport) => ({ transport })))('a client in Python hears', ({ transport }) => {
  const known = help.includes(transport);

  test(`a ${transport} node`, needs(known, CLIENT_UNKNOWN), async () => {
    await using node = await openTestNode({ transport, logMessages: 200 });
    expectWhole(await listen(node, { transport, port: node.port }));
  });

  const throughNginx = needs(known && hasNginx, known ? 'nginx is not installed' : CLIENT_UNKNOWN);
  test(`a ${transport} node through nginx, set up as the page says`, throughNginx, async () => {
    await using node = await openTestNode({ transport, logMessages: 200 });
    const [snippet = ''] = blocks('nginx');
    expect(snippet).toContain('127.0.0.1:3001');
    await using nginx = await startTestNginx(
      snippet.replace('127.0.0.1:3001', `127.0.0.1:${node.port}`).replace('listen 8080', 'listen 127.0.0.1:%PORT%'),
    );
    expectWhole(await listen(node, { transport, port: nginx.port }));
    const own = await fetch(`http://127.0.0.1:${nginx.port}/health`, {
      headers: { Origin: `http://127.0.0.1:${nginx.port}` },
    });
    expect(own.status).toBe(200);
  });
});

describe.each<{ transport: TransportId; values: DimensionValues; words: string[] }>([
  { transport: 'polling', values: { compression: 'gzip' }, words: ['--compressed'] },
  { transport: 'long-polling', values: { compression: 'gzip' }, words: ['--compressed'] },
  { transport: 'sse', values: { compression: 'gzip', retry: 'random' }, words: ['--compressed'] },
  { transport: 'websocket', values: {}, words: ['--binary'] },
  { transport: 'websocket', values: { compression: 'deflate' }, words: ['--compressed'] },
  { transport: 'websocket', values: { compression: 'deflate' }, words: ['--compressed', '--binary'] },
])('a client in Python hears a $transport node with $words', ({ transport, values, words }) => {
  test('as it does without', needs(help !== '', CLIENT_UNKNOWN), async () => {
    await using node = await openTestNode({ transport, values, logMessages: 200 });
    const listened = await listen(node, { transport, port: node.port }, words);
    expectWhole(listened);
    expect(listened.compressed > 0).toBe(words.includes('--compressed'));
  });
});

test('an nginx that drops Upgrade is told what is missing', needs(hasNginx, 'nginx is not installed'), async () => {
  await using node = await openTestNode({ transport: 'websocket' });
  await using nginx = await startTestNginx(
    `server { listen 127.0.0.1:%PORT%; location / { proxy_pass http://127.0.0.1:${node.port}; } }`,
  );
  const answer = await fetch(`http://127.0.0.1:${nginx.port}/ws`, { headers: { 'Sec-WebSocket-Version': '13' } });
  expect(answer.status).toBe(426);
  expect(answer.headers.get('upgrade')).toBe('websocket');
  expect(await answer.text()).toContain('a proxy drops');
});
