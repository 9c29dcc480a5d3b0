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
import { MOST_CHANNELS } from '../scenarios/feed/channels.ts';
import { MOST_COMMAND_BYTES, parseCommand } from '../scenarios/feed/command.ts';
import { encodeBody, encodeMessage, HeaderReader, type Notice, readNotice } from '../scenarios/feed/message.ts';
import { readAnswer, readSignal, REJECTIONS } from '../scenarios/feed/signal.ts';
import { REFUSALS } from './hub/admission.ts';
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

/** What stands in the tables as code, and begins so. */
function cells(beginning: RegExp): string[] {
  const rows = page.split('\n').filter((line) => line.startsWith('| `'));
  return rows
    .flatMap((row) => [...row.matchAll(/`([^`]+)`/g)].map(([, code = '']) => code))
    .filter((code) => beginning.test(code));
}

function blocks(language: string): string[] {
  const fenced = page.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)\\n\`\`\`$`, 'gms'));
  return [...fenced].map(([, block = '']) => block);
}

describe('the page', () => {
  const [message = '', inChannel = '', gap = '', reset = '', change = '', present = '', health = ''] = blocks('json');

  test('shows a message that is one, down to the byte', () => {
    const header = new HeaderReader();
    expect(header.read(Buffer.from(message))).toBe(true);
    expect(header).toMatchObject({ seq: 17, intact: true });
    const { dueNs, publishedNs } = header;
    const { data } = JSON.parse(message) as { data: unknown };
    expect(encodeMessage(17, encodeBody(dueNs, publishedNs, JSON.stringify(data))).toString()).toBe(message);
  });

  test('shows what somebody said in a channel, down to the byte', () => {
    const header = new HeaderReader();
    expect(header.read(Buffer.from(inChannel))).toBe(true);
    expect(header).toMatchObject({ seq: 18, intact: true });
    expect(header.origin()).toEqual({ channel: 'room:1', from: 'ann', n: 3 });
    expect(Object.keys(JSON.parse(inChannel) as object)).toEqual(
      Object.keys(JSON.parse(message) as object).toSpliced(1, 0, 'channel', 'from', 'n'),
    );
  });

  test('shows commands that are some, and signals', () => {
    const commands = cells(/^\{"type":/).map(parseCommand);
    expect(commands.filter((command) => typeof command === 'string')).toEqual([]);
    const types = commands.map((command) => typeof command !== 'string' && command.type);
    expect(types).toEqual(['send', 'join', 'leave', 'typing', 'auth']);
    const signals = cells(/^\{"signal":/).map((cell) => readSignal(Buffer.from(cell))?.signal);
    expect(signals).toEqual(['welcome', 'auth_success', 'typing', 'answer']);
    for (const answer of cells(/^\{"(?:seq|error)":/)) expect(readAnswer(Buffer.from(answer))).toBeDefined();
  });

  test('names every reason for which a command is not done, and every refusal, with their codes', () => {
    for (const [reason, words] of Object.entries(REJECTIONS))
      expect(page).toMatch(
        new RegExp(`^\\| \`${reason}\` \\| \\d{3}(?:, \\d{3})* \\| ${RegExp.escape(words)}[^|]* \\|$`, 'm'),
      );
    for (const { status, closeCode, error } of Object.values(REFUSALS))
      expect(page).toContain(`| ${error} | ${status} | ${closeCode} |`);
    expect(page).toContain(`${MOST_COMMAND_BYTES / 1024} KiB at most`);
    expect(page).toContain(`${MOST_CHANNELS} channels at most`);
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

  test('shows who is online, and how that changes, as a node tells it', async () => {
    await using node = await openTestNode({ transport: 'polling' });
    const ask = async (path: string): Promise<unknown> => (await fetch(`http://127.0.0.1:${node.port}${path}`)).json();
    const [, joined] = (await ask('/messages?channels=presence&user=ann')) as { readonly data?: unknown }[];
    expect(joined?.data).toEqual(JSON.parse(change));
    const presence = (await ask('/presence')) as object;
    expect(Object.keys(JSON.parse(present) as object)).toEqual(Object.keys(presence));
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
    expect(page).toContain(`Who polls is online for ${seconds(options.awayMs)} after`);
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

describe('clients in Python talk to each other', needs(help !== '', CLIENT_UNKNOWN), () => {
  interface Talked {
    readonly answers: readonly { readonly seq: number; readonly again?: true }[];
    readonly heard: readonly unknown[][];
    readonly signals: readonly string[];
    readonly corrupted: number;
    readonly connections: number;
  }

  const people = [
    { user: 'ann', transport: 'polling', words: [] },
    { user: 'ben', transport: 'long-polling', words: [] },
    { user: 'cleo', transport: 'sse', words: [] },
    { user: 'dan', transport: 'websocket', words: [] },
    { user: 'eve', transport: 'websocket', words: ['--binary'] },
  ] as const;
  const texts = ['hello', 'größer 🛰️', 'x'.repeat(300)];

  async function talk(
    port: number,
    { user, transport, words }: (typeof people)[number],
    more: string[] = [],
  ): Promise<Talked> {
    const says = texts.flatMap((one) => ['--say', `${one} of ${user}`]);
    const own = ['--user', user, '--channels', 'room:1', '--until-heard', String(people.length * texts.length)];
    const client = spawn('python3', [CLIENT, transport, `127.0.0.1:${port}`, ...own, ...says, ...words, ...more], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const said = text(client.stdout);
    expect(await once(client, 'exit')).toEqual([0, null]);
    return JSON.parse(await said) as Talked;
  }

  test.each([
    { name: 'each by another transport', more: [] },
    { name: 'and say again what was not answered, where their connections break', more: ['--cut-after', '2'] },
  ])('$name', async ({ more }) => {
    await using node = await openTestNode({ transports: [...TRANSPORT_IDS] });
    const talked = await Promise.all(people.map(async (person) => talk(node.port, person, more)));
    const expected = people.flatMap(({ user }) =>
      texts.map((words, index) => ['room:1', user, index + 1, `${words} of ${user}`]),
    );
    for (const { answers, heard, signals, corrupted, connections } of talked) {
      expect(heard.toSorted(byText)).toEqual(expected.toSorted(byText));
      expect(answers).toHaveLength(texts.length);
      expect(signals[0]).toBe('welcome');
      expect(corrupted).toBe(0);
      expect(connections > 1).toBe(more.length > 0);
    }
    // All in the order of one log.
    const [first, ...others] = talked;
    for (const other of others) expect(other.heard).toEqual(first?.heard);
  });

  function byText(left: readonly unknown[], right: readonly unknown[]): number {
    return String(left) < String(right) ? -1 : 1;
  }
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
