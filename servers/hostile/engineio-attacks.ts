import { pick, type Random } from '../../scenarios/feed/random.ts';
import { type Attack, below, randomText, type Target } from './attack.ts';
import { request } from './http-attacks.ts';
import { Line } from './line.ts';

const MEGABYTE = 1024 * 1024;

interface Polled {
  readonly target: string;
  get(line: Line): void;
  post(line: Line, body: string): void;
}

/** Opens a session by polling, over `line`. */
async function openPolled(line: Line, { path }: Target): Promise<Polled> {
  const handshake = `${path}?EIO=4&transport=polling`;
  line.write(request({ target: handshake }));
  await line.sees('given a session', ({ text }) => /"sid":"([^"]+)".*\}$/s.test(text));
  const target = `${handshake}&sid=${/"sid":"([^"]+)"/.exec(line.text)?.[1] ?? ''}`;
  return {
    target,
    get: (by) => by.write(request({ target })),
    post: (by, body) =>
      by.write(request({ method: 'POST', target, headers: [`Content-Length: ${Buffer.byteLength(body)}`], body })),
  };
}

const WRONG_BODIES: readonly ((random: Random) => string)[] = [
  () => '42["m",1]',
  () => '2',
  () => 'b!!!!',
  () => '\u001E\u001E\u001E',
  () => '40\u001E9',
  () => '49',
  (random) => randomText(random, 1 + below(random, 3000)),
  (random) => '4'.repeat(1 + below(random, 60_000)),
];

/** What a client can do wrong by polling: Engine.IO takes one GET and one POST of a session at a time. */
export const ENGINEIO_ATTACKS: readonly Attack[] = [
  {
    name: 'two GETs at once',
    weight: 3,
    run: async (line, target) => {
      const polled = await openPolled(line, target);
      await using other = new Line(target.port);
      polled.get(line);
      polled.get(other);
      // Whichever came first is held, and ends with its session.
      await other.sees('refused or ended', ({ statuses }) => statuses.length > 0);
      await line.sees('ended with it', ({ statuses }) => statuses.length > 1);
      if (![other.statuses[0], line.statuses[1]].includes(400)) throw new Error('neither was refused');
    },
  },
  {
    name: 'two POSTs at once',
    run: async (line, target) => {
      const polled = await openPolled(line, target);
      await using other = new Line(target.port);
      line.write(request({ method: 'POST', target: polled.target, headers: ['Content-Length: 10'], body: '40' }));
      await line.sees('given a session', ({ statuses }) => statuses.length === 1);
      polled.post(other, '40');
      await other.sees('answered', ({ statuses }) => statuses.length > 0);
      line.reset();
    },
  },
  {
    name: 'a POST against the protocol',
    weight: 4,
    run: async (line, target, random) => {
      const polled = await openPolled(line, target);
      polled.post(line, pick(random, [() => '42["m",1]', ...WRONG_BODIES])(random));
      await line.sees('answered', ({ statuses }) => statuses.length > 1);
      polled.get(line);
      await line.sees('refused, or told to go', ({ statuses }) => statuses.length > 2);
    },
  },
  {
    name: 'a POST of 10 MB into a session',
    weight: 0.1,
    run: async (line, target) => {
      const polled = await openPolled(line, target);
      await using other = new Line(target.port);
      const headers = [`Content-Length: ${10 * MEGABYTE}`];
      other.write(request({ method: 'POST', target: polled.target, headers }));
      for (let sent = 0; sent < 10; sent++) other.write(Buffer.alloc(MEGABYTE, '4'));
      await other.answers(413);
    },
  },
  {
    name: 'half a POST, and a break',
    run: async (line, target, random) => {
      const polled = await openPolled(line, target);
      line.write(request({ method: 'POST', target: polled.target, headers: ['Content-Length: 99'], body: '40' }));
      if (random() < 0.5) line.reset();
      else line.half();
      await line.ends();
    },
  },
  {
    name: 'a session that is left',
    weight: 2,
    run: async (line, target) => {
      const polled = await openPolled(line, target);
      polled.get(line);
      line.reset();
      await line.ends();
    },
  },
  {
    name: 'a session of somebody else, by WebSocket',
    run: async (line, target) => {
      const polled = await openPolled(line, target);
      await using other = new Line(target.port);
      const upgrade = ['Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Version: 13'];
      const key = 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==';
      const probed = polled.target.replace('transport=polling', 'transport=websocket');
      other.write(request({ target: probed.replace(/sid=./, 'sid=~'), headers: [...upgrade, key] }));
      await other.answers(400);
    },
  },
];
