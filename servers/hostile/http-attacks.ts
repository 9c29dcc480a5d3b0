import { pick, type Random } from '../../scenarios/feed/random.ts';
import { type Attack, below, randomBytes, randomText, type Target } from './attack.ts';
import type { Line } from './line.ts';

const MEGABYTE = 1024 * 1024;
const CRLF = '\r\n';

export interface Asked {
  readonly method?: string;
  readonly target: string;
  readonly headers?: readonly string[];
  readonly body?: string;
}

export function request({ method = 'GET', target, headers = [], body = '' }: Asked): string {
  return [`${method} ${target} HTTP/1.1`, 'Host: node', ...headers, '', body].join(CRLF);
}

const WRONG_SINCE = [
  'abc',
  '-1',
  '1e3',
  '0x10',
  '1.5',
  ' 1',
  '%00',
  '9'.repeat(16),
  '9'.repeat(400),
  '1&since=2',
  '１',
];

/** What is wrong for every path, whatever is there. */
export const HTTP_ATTACKS: readonly Attack[] = [
  {
    name: 'a since that is no number',
    weight: 3,
    run: async (line, { path }, random) => {
      line.write(
        request({ target: `${path}?since=${encodeURI(pick(random, [WRONG_SINCE[0] ?? '', ...WRONG_SINCE]))}` }),
      );
      await line.answers(400, 426);
    },
  },
  {
    name: 'a method that is not there',
    weight: 2,
    run: async (line, { path }, random) => {
      const method = pick(random, ['PUT', 'DELETE', 'PATCH', 'TRACE', 'PROPFIND']);
      line.write(request({ method, target: path, headers: ['Content-Length: 3'], body: 'abc' }));
      await line.answers(404, 405);
    },
  },
  {
    name: 'a path that is not there',
    run: async (line, { path }, random) => {
      line.write(request({ target: `/x${path}${randomText(random, below(random, 40)).replaceAll('%', '')}` }));
      await line.answers(400, 404);
    },
  },
  { name: 'no HTTP', weight: 2, run: async (line, _target, random) => saysNoHttp(line, random) },
  {
    name: 'a field that is none',
    run: async (line, { path }, random) => {
      const field = pick(random, [' folded', 'no colon', 'Na me: x', 'X: a\0b', ': empty', 'X: \u0001']);
      line.write(request({ target: path, headers: [field] }));
      await line.answers(400);
    },
  },
  {
    name: 'a head above every bound',
    weight: 0.5,
    run: async (line, { path }, random) => {
      line.write(request({ target: path, headers: [`X: ${'x'.repeat(20_000 + below(random, 80_000))}`] }));
      await line.answers(431);
    },
  },
  {
    name: 'an endless target',
    weight: 0.5,
    run: async (line, { path }, random) => {
      line.write(`GET ${path}?since=${'1'.repeat(20_000 + below(random, 80_000))}`);
      await line.answers(400, 414, 431);
    },
  },
  {
    name: 'half a head, and the end',
    weight: 2,
    run: async (line, { path }, random) => {
      const whole = request({ target: path, headers: ['X-Long: yes'] });
      line.write(whole.slice(0, 1 + below(random, whole.length - 2)));
      line.half();
      await line.ends();
    },
  },
  {
    name: 'half a head, and a break',
    run: async (line, { path }, random) => {
      const whole = request({ target: path });
      line.write(whole.slice(0, 1 + below(random, whole.length - 2)));
      line.reset();
      await line.ends();
    },
  },
  {
    name: 'a request, and a break',
    weight: 2,
    run: async (line, { path }, random) => {
      line.write(request({ target: `${path}?since=${below(random, 3)}` }));
      if (random() < 0.5) await line.sees('answered', ({ received }) => received.length > 0);
      line.reset();
      await line.ends();
    },
  },
  {
    name: 'a body of 10 MB',
    weight: 0.05,
    run: async (line, { path }) => {
      line.write(request({ method: 'POST', target: path, headers: [`Content-Length: ${10 * MEGABYTE}`] }));
      for (let sent = 0; sent < 10; sent++) line.write(Buffer.alloc(MEGABYTE, 'x'));
      await line.answers(400, 404, 405, 413);
    },
  },
  {
    name: 'chunks that are none',
    weight: 2,
    run: async (line, { path }, random) => {
      line.write(request({ method: 'POST', target: path, headers: ['Transfer-Encoding: chunked'] }));
      line.write(
        pick(random, ['zz\r\nabc\r\n', '-1\r\n', 'ffffffffffffffffff\r\n', '3\r\nabcdef\r\n', '3;\0\r\nabc\r\n']),
      );
      await line.answers(400, 404, 405);
    },
  },
  {
    name: 'two lengths',
    run: async (line, { path }, random) => {
      const length = pick(random, [
        'Transfer-Encoding: chunked',
        'Content-Length: 7',
        'Content-Length: -1',
        'Content-Length: x',
      ]);
      line.write(request({ method: 'POST', target: path, headers: ['Content-Length: 5', length], body: 'abcde' }));
      await line.answers(400);
    },
  },
  {
    name: 'a page of somewhere else',
    run: async (line, { path }) => {
      line.write(request({ target: path, headers: ['Origin: https://elsewhere.example'] }));
      await line.answers(403);
    },
  },
  {
    name: 'many requests at once',
    weight: 2,
    run: async (line, _target, random) => {
      const many = 2 + below(random, 30);
      line.write(request({ target: '/health' }).repeat(many));
      await line.sees(`answered ${many} times`, ({ statuses }) => statuses.length === many);
    },
  },
  {
    name: 'bytes behind a request',
    run: async (line, _target, random) => {
      line.write(request({ target: '/health' }));
      line.write(Buffer.concat([Buffer.from([0xff]), randomBytes(random, 40)]));
      await line.sees('answered and refused', ({ statuses }) => statuses.join(' ') === '200 400');
    },
  },
];

async function saysNoHttp(line: Line, random: Random): Promise<void> {
  const first = pick(random, [
    'GARBAGE',
    '\x16\x03\x01\x02\x00',
    'PRI * HTTP/2.0',
    'GET / HTTP/9.9',
    'GET  /',
    'get / HTTP/1.1',
  ]);
  line.write(Buffer.concat([Buffer.from(first), randomBytes(random, below(random, 50)), Buffer.from('\r\n\r\n')]));
  // By chance it may be some, for a path that is not there or of which more is awaited.
  await line.answers(400, 404, 408, 431, 505);
}

/** For doors that answer a plain GET with the feed. */
export const FEED_ATTACKS: readonly Attack[] = [
  {
    name: 'a request, half closed',
    weight: 2,
    run: async (line, { path }) => {
      line.write(request({ target: `${path}?since=0` }));
      line.half();
      // A half-closed connection may be answered, or taken for one that is gone.
      await line.sees('answered or ended', ({ statuses, isOver }) => statuses[0] === 200 || isOver);
    },
  },
  {
    name: 'the feed asked for many times at once',
    weight: 2,
    run: async (line, { path }, random) => {
      line.write(request({ target: `${path}?since=${below(random, 5)}` }).repeat(2 + below(random, 10)));
      await line.answers(200);
    },
  },
  {
    name: 'a number that is none in Last-Event-ID',
    run: async (line, { path }, random) => {
      line.write(request({ target: path, headers: [`Last-Event-ID: ${randomText(random, 1 + below(random, 300))}`] }));
      await line.answers(200, 400);
    },
  },
];

const NO_COMMANDS = [
  '',
  'hello',
  '[]',
  'null',
  '{"type":"shout","channel":"room:1"}',
  '{"type":"send","channel":"room:1"}',
  '{"type":"send","channel":["room:1"],"data":1}',
  '{"type":"send","channel":"a\\u0000b","data":1}',
  '{"type":"send","channel":"room:1","data":1,"n":-1}',
  '{"type":"send","channel":"room:1","data":1,"n":1e300}',
  '{"type":"send","channel":"room:1","data":1,"dueNs":"now"}',
  '{"type":"send","channel":"room:1","data":1,"__proto__":{}}',
  '{"type":"join","channel":"room:1"}',
  '{"type":"auth","token":"x"}',
];

const WRONG_NAMES = ['user=', 'user=a%20b', 'user=%00', 'channels=%2F', 'channels=a&channels=b', 'channels=user:ben'];

interface Posted {
  readonly body: string;
  readonly headers?: readonly string[];
}

function post(path: string, { body, headers = [`Content-Length: ${Buffer.byteLength(body)}`] }: Posted): string {
  return request({ method: 'POST', target: `${path}?user=mallory`, headers, body });
}

/** For doors that take commands by POST; none of them puts anything into the log. */
export const POST_ATTACKS: readonly Attack[] = [
  {
    name: 'a name that is none',
    weight: 2,
    run: async (line, { path }, random) => {
      const method = pick(random, ['GET', 'HEAD']);
      line.write(request({ method, target: `${path}?${pick(random, ['user=', ...WRONG_NAMES])}` }));
      await line.answers(400, 403);
    },
  },
  {
    name: 'a command that is none',
    weight: 3,
    run: async (line, { path }, random) => {
      line.write(post(path, { body: pick(random, ['{', ...NO_COMMANDS]) }));
      await line.answers(400);
    },
  },
  {
    name: 'a command where the nodes speak alone',
    run: async (line, { path }) => {
      line.write(post(path, { body: '{"type":"send","channel":"presence","data":{"type":"user_left","user":"ann"}}' }));
      await line.answers(403);
    },
  },
  {
    name: 'a command that is nested without an end',
    weight: 0.5,
    run: async (line, { path }, random) => {
      const depth = 1000 + below(random, 30_000);
      const deep = pick(random, ['[', '{"a":']).repeat(depth).slice(0, 60_000);
      const closed = `${'['.repeat(depth)}${']'.repeat(depth)}`;
      line.write(post(path, { body: `{"type":"send","channel":"feed","data":${pick(random, [deep, closed])}}` }));
      await line.answers(400, 403);
    },
  },
  {
    name: 'a command in another form',
    run: async (line, { path }, random) => {
      const type = pick(random, ['multipart/form-data; boundary=x', 'application/octet-stream', ';', 'x'.repeat(5000)]);
      line.write(post(path, { body: '{}', headers: ['Content-Length: 2', `Content-Type: ${type}`] }));
      await line.answers(415);
    },
  },
  {
    name: 'a command that is longer than it may be',
    run: async (line, { path }, random) => {
      line.write(post(path, { body: '{"type":', headers: [`Content-Length: ${65_537 + below(random, 1e9)}`] }));
      await line.answers(413);
    },
  },
  { name: 'a command without an end', weight: 0.2, run: async (line, target) => saysOnAndOn(line, target) },
  {
    name: 'half a command',
    weight: 2,
    run: async (line, { path }, random) => {
      const whole = post(path, { body: '{"type":"send","channel":"room:1","data":"hello"}' });
      line.write(whole.slice(0, -1 - below(random, 40)));
      if (random() < 0.5) line.half();
      else line.reset();
      await line.ends();
    },
  },
  {
    name: 'many commands at once',
    weight: 2,
    run: async (line, { path }, random) => {
      const many = 2 + below(random, 300);
      line.write(post(path, { body: '{"type":"typing","channel":"room:1"}' }).repeat(many));
      await line.sees(`answered ${many} times`, ({ statuses }) => statuses.length === many);
    },
  },
  {
    name: 'a goodbye of nobody',
    run: async (line, { path }) => {
      line.write(post(path, { body: '{"type":"leave","channel":"user:mallory"}' }));
      await line.answers(200);
    },
  },
];

/** Chunk after chunk, until the door has had enough; what it says of that may be lost with the connection. */
async function saysOnAndOn(line: Line, { path }: Target): Promise<void> {
  line.write(post(path, { body: '', headers: ['Transfer-Encoding: chunked'] }));
  const chunk = `4000${CRLF}${'x'.repeat(0x4000)}${CRLF}`;
  const timer = setInterval(() => line.write(chunk), 1);
  try {
    await line.sees('refused or ended', ({ statuses, isOver }) => statuses[0] === 413 || isOver);
    await line.ends();
  } finally {
    clearInterval(timer);
  }
}

/** A body that comes a byte at a time. */
export async function dribbleBody(line: Line, { path }: Target): Promise<void> {
  line.write(post(path, { body: '', headers: ['Content-Length: 60000'] }));
  await goesOnSlowly(line, 'x'.repeat(1000));
}

/** A head that comes a byte at a time. */
export async function dribble(line: Line, { path }: Target): Promise<void> {
  await goesOnSlowly(line, request({ target: path, headers: ['X-Slow: '.concat('x'.repeat(1000))] }));
}

async function goesOnSlowly(line: Line, text: string): Promise<void> {
  let sent = 0;
  const timer = setInterval(() => line.write(text.charAt(sent++)), 100);
  try {
    await line.sees('told 408', ({ statuses }) => statuses[0] === 408);
    await line.ends();
  } finally {
    clearInterval(timer);
  }
}
