import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CHROMIUM, NEEDS_CHROMIUM } from '../scenarios/testing/chromium.ts';
import { DIMENSIONS, type ValueOf } from '../scenarios/dimensions.ts';
import { TRANSPORT_IDS, transportRow } from '../servers/registry.ts';
import { subscribe } from '../servers/testing/test-subscriber.ts';
import { type FeedbenchProcess, runFeedbench, startFeedbench } from './testing/feedbench-process.ts';

/** A node by hand that wants tokens: who is let in, what pages of others can do, and that no token is told to anybody. */

const LIBRARY = join(dirname(import.meta.dirname), 'node_modules/socket.io/client-dist/socket.io.min.js');
const COOKIE = 'feedbench_token';
const WAYS = Object.keys(DIMENSIONS.auth.values.of) as ValueOf<'auth'>[];

const PATIENCE_MS = 60_000;

const folder = await mkdtemp(join(tmpdir(), 'feedbench-tokens-'));
const keyPath = join(folder, 'key.pem');
const [friendly, strange] = [await openPages(), await openPages()];

let served: FeedbenchProcess;
let port: number;
let token: string;

beforeAll(async () => {
  const { privateKey } = generateKeyPairSync('ed25519');
  await writeFile(keyPath, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 });
  served = startFeedbench(['serve', '--port', '0', '--token-key', keyPath, '--origin', friendly.origin]);
  port = Number(/at 127\.0\.0\.1:(\d+)/.exec(await served.printed(/Ctrl-C ends it/))?.[1]);
  token = (await runFeedbench(['token', '--key', keyPath, '--user', 'ann'])).stdout.trim();
}, PATIENCE_MS);

afterAll(async () => {
  served.signal('SIGINT');
  const { code, stdout, stderr } = await served.exited;
  for (const pages of [friendly, strange]) pages.close();
  await rm(folder, { recursive: true });
  if (code !== 0 || stderr !== '' || hasToken(stdout))
    throw new Error(`it ended with ${code}, and said: ${stdout}${stderr}`);
}, PATIENCE_MS);

/** A server of empty pages, which is another origin than the node's, and the same site: no cookie is kept from it. */
async function openPages(): Promise<{ origin: string; close: () => void }> {
  const server = createServer((_request, response) => {
    response.setHeader('content-type', 'text/html').end('<!doctype html><link rel="icon" href="data:,">');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** Whatever looks like one, and each part of the one that is used here. */
function hasToken(text: string): boolean {
  return /eyJ[\w-]+\.[\w-]+\.[\w-]+/.test(text) || token.split('.').some((part) => text.includes(part));
}

test('what looks like a token is found', () => {
  expect(token).toMatch(/^eyJ[\w-]+\.[\w-]+\.[\w-]+$/);
  expect(hasToken(`?token=${token}`)).toBe(true);
  expect(hasToken(token.slice(0, -1))).toBe(true);
  expect(hasToken('{"error":"the token is not good here"}')).toBe(false);
});

test('how to make a token, and where to show it, is said', () => {
  expect(served.output()).toContain(`token --key ${keyPath} --user ann)`);
  expect(served.output()).toMatch(/Every client must show a token/);
});

describe.each(TRANSPORT_IDS)('%s', (transport) => {
  const only: readonly ValueOf<'auth'>[] = transportRow(transport).dimensions.auth?.only ?? WAYS;

  test.each(only.filter((way) => way !== 'none'))('a token by %s lets in', async (auth) => {
    const member = { user: 'ann', token, channels: ['feed'] };
    const subscriber = await subscribe({ transport, port, values: { auth }, member });
    expect(subscriber.lostReason).toBeUndefined();
    await subscriber.until(({ told }) => told.some((one) => one.kind === 'message'));
    subscriber.close();
  });

  test('nobody hears anything without one, or says anything', async () => {
    const subscriber = await subscribe({ transport, port });
    // A WebSocket stands, to be told a token; what it is told instead ends it.
    if (subscriber.end === undefined)
      subscriber.session?.say({ type: 'send', channel: 'room:1', data: 'said by nobody' }, () => undefined);
    await subscriber.until(({ end }) => end !== undefined);
    expect(subscriber.told).toEqual([]);
    expect(subscriber.lostReason).toMatch(/401|4002/);
  });
});

/** The whole of what the node says to these bytes, until it ends the connection. */
async function answerTo(request: string): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  let answer = '';
  socket.setEncoding('utf8').on('data', (text: string) => (answer += text));
  socket.write(request);
  await once(socket, 'close');
  return answer;
}

test('no answer repeats a token, whatever is wrong with the request', async () => {
  const query = `token=${token}`;
  const lines = [
    `GET /nowhere?${query}`,
    `GET /messages?since=x&${query}`,
    `GET /messages?${query}&${query}`,
    `GET /messages?${query}x`,
    `GET /next?since=-1&${query}`,
    `GET /events?since=x&${query}`,
    `GET /ws?${query}`,
    `GET /socket.io/?EIO=3&transport=polling&${query}`,
    `GET /socket.io/?EIO=4&transport=${token}`,
    `GET /socket.io/?EIO=4&transport=polling&sid=${token}`,
    `GET /%zz?${query}`,
    `GET /messages?channels=${token}!&${query}`,
    `DELETE /messages?${query}`,
    `POST /messages?${query}`,
    `GET http://[${token}/messages`,
    `NONSENSE /messages?${query}`,
  ];
  const heads = [
    '',
    `Authorization: Bearer ${token}x\r\n`,
    `Cookie: ${COOKIE}=${token}x; a=${token}\r\n`,
    'Origin: http://strange.example\r\n',
    `bad header ${token}\r\n`,
    `Content-Type: ${token}\r\nContent-Length: 2\r\n`,
  ];
  const answers = await Promise.all(
    lines.flatMap((line) =>
      heads.map(async (head) => answerTo(`${line} HTTP/1.1\r\nHost: node\r\nConnection: close\r\n${head}\r\n{}`)),
    ),
  );
  expect(answers.filter(hasToken)).toEqual([]);
  const statuses = new Set(answers.map((answer) => /^HTTP\/1\.1 (\d+)/.exec(answer)?.[1]));
  expect([...statuses]).toEqual(expect.arrayContaining(['400', '401', '403', '404', '405', '426']));
});

test.each(['cmdline', 'environ'])('the %s of the node, which everybody can read, has none', async (name) => {
  const text = await readFile(`/proc/${served.pid}/${name}`, 'utf8').catch(() => '');
  expect(hasToken(text)).toBe(false);
  expect(text).not.toContain('PRIVATE KEY');
});

describe('a page that somebody looks at who has a token in a cookie', { ...NEEDS_CHROMIUM, timeout: 60_000 }, () => {
  let browser: Browser;

  beforeAll(async () => {
    browser = await chromium.launch(CHROMIUM);
  }, 60_000);

  afterAll(async () => browser.close());

  async function openPage(origin: string): Promise<Page> {
    const context = await browser.newContext();
    await context.addCookies([{ name: COOKIE, value: token, domain: '127.0.0.1', path: '/' }]);
    const page = await context.newPage();
    await page.goto(`${origin}/health`);
    await page.addScriptTag({ path: LIBRARY });
    return page;
  }

  /** What a page can try, with the cookie wherever the browser sends one; each says `heard`, or why not. */
  function attempts(base: string): Record<string, string> {
    const withIo = (transport: string): string => `new Promise((tell) => {
      const socket = io('${base}', { transports: ['${transport}'], withCredentials: true, forceNew: true, reconnection: false });
      const done = (what) => (socket.close(), tell(what));
      socket.on('m', () => done('heard'));
      socket.on('connect_error', () => done('refused'));
    })`;
    const get = (path: string): string =>
      `fetch('${base}${path}?since=0', { credentials: 'include' }).then((answer) => (answer.ok ? 'heard' : 'refused'), () => 'refused')`;
    return {
      polling: get('/messages'),
      'long-polling': get('/next'),
      presence: get('/presence'),
      sse: `new Promise((tell) => {
        const source = new EventSource('${base}/events?since=0', { withCredentials: true });
        const done = (what) => (source.close(), tell(what));
        source.onmessage = () => done('heard');
        source.onerror = () => done('refused');
      })`,
      websocket: `new Promise((tell) => {
        const socket = new WebSocket('${base.replace(/^http/, 'ws')}/ws?since=0', 'json');
        const done = (what) => (socket.close(), tell(what));
        socket.onmessage = () => done('heard');
        socket.onclose = () => done('refused');
      })`,
      'socketio websocket': withIo('websocket'),
      'socketio polling': withIo('polling'),
    };
  }

  async function tryAll(page: Page, base: string): Promise<Record<string, unknown>> {
    const all = Object.entries(attempts(base));
    const seen = await Promise.all(
      all.map(async ([way, script]) => [way, await page.evaluate<unknown>(script)] as const),
    );
    return Object.fromEntries(seen);
  }

  /** Needs no preflight: a page may send that anywhere, and not read the answer. */
  async function post(page: Page, base: string, data: string): Promise<void> {
    const body = JSON.stringify({ type: 'send', channel: 'room:1', data });
    const request = `{ method: 'POST', mode: 'no-cors', credentials: 'include', body: ${JSON.stringify(body)} }`;
    await page.evaluate(`fetch('${base}/messages', ${request}).catch(() => undefined)`);
  }

  async function said(): Promise<unknown> {
    const answer = await fetch(`http://127.0.0.1:${port}/messages?since=0&channels=room:1&token=${token}`);
    return ((await answer.json()) as { data?: unknown }[]).map(({ data }) => data);
  }

  test('of the node hears all', async () => {
    const page = await openPage(`http://127.0.0.1:${port}`);
    const seen = await tryAll(page, `http://127.0.0.1:${port}`);
    expect(new Set(Object.values(seen))).toEqual(new Set(['heard']));
    await page.context().close();
  });

  test('of another server hears nothing, and says nothing, in the name of whoever looks at it', async () => {
    const page = await openPage(strange.origin);
    const seen = await tryAll(page, `http://127.0.0.1:${port}`);
    expect(new Set(Object.values(seen))).toEqual(new Set(['refused']));
    await post(page, `http://127.0.0.1:${port}`, 'said by a stranger');
    expect(await said()).toEqual([]);
    await page.context().close();
  });

  // So it is the Origin alone that protects: the browser sends the cookie.
  test('of a server that may ask hears by a WebSocket', async () => {
    const page = await openPage(friendly.origin);
    const { websocket } = attempts(`http://127.0.0.1:${port}`);
    expect(await page.evaluate<unknown>(websocket ?? '')).toBe('heard');
    await page.context().close();
  });

  test('of the node has no token in it', async () => {
    const page = await openPage(`http://127.0.0.1:${port}`);
    await page.goto(`http://127.0.0.1:${port}/`);
    expect(hasToken(await page.content())).toBe(false);
    await page.context().close();
  });
});

test.each([
  [['serve', '--port', '0', '--token-key', '/nowhere/key.pem'], 3, /cannot read the key .*make one with openssl/],
  [['serve', '--port', '0', '--token-key', keyPath, '--origin', '*'], 2, /--origin \*: any page could use the cookies/],
  [['token', '--user', 'ann'], 2, /--key <file>/],
  [['token', '--key', keyPath], 2, /--user <name>/],
  [['token', '--key', keyPath, '--user', 'ann smith'], 2, /It must be a name of letters/],
])('%j is refused in a line', async (words, exitCode, says) => {
  const { code, stdout, stderr } = await runFeedbench(words);
  expect({ code, stdout }).toEqual({ code: exitCode, stdout: '' });
  expect(stderr).toMatch(says);
  expect(stderr.trim().split('\n')).toHaveLength(1);
});
