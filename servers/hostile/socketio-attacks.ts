import { pick, type Random } from '../../scenarios/feed/random.ts';
import { type Attack, below, randomText } from './attack.ts';
import { request } from './http-attacks.ts';
import { clientFrame, shakeHands } from './websocket-attacks.ts';

/** What a handshake of Engine.IO has to say. */
export const OVER_WEBSOCKET = '?EIO=4&transport=websocket';
const BY_POLLING = '?EIO=4&transport=polling';

/** Packets of Engine.IO and Socket.IO that end a client, said before it has joined. */
const WRONG_PACKETS: readonly ((random: Random) => string)[] = [
  () => '42["m",1]',
  () => '2',
  () => '2probe',
  () => '9',
  () => '',
  () => 'x',
  () => '4',
  () => '49',
  () => '41',
  () => '43[]',
  () => '45999999999-["m"]',
  () => '42{"m":1}',
  () => '42["m"',
  () => '40{"since":',
  (random) => `4${randomText(random, below(random, 60))}`,
  (random) => `42${'['.repeat(1000 + below(random, 50_000))}`,
];

/** The same, said by a client that has joined. */
const WRONG_LATER: readonly string[] = ['2', '9', '4', '42["connect",1]', '42["m"', '45999999999-["m"]', '49', 'x'];

/** The door closes without a code of its own (an empty frame), or the connection ends. */
export const SOCKETIO_ATTACKS: readonly Attack[] = [
  {
    name: 'a packet before CONNECT',
    weight: 6,
    run: async (line, target, random) => {
      await shakeHands(line, target, OVER_WEBSOCKET);
      const say = pick(random, [() => '42["m",1]', ...WRONG_PACKETS]);
      line.write(clientFrame({ opcode: 1, payload: say(random) }));
      await line.sees('closed', ({ closeCode, isOver }) => closeCode !== undefined || isOver);
    },
  },
  {
    name: 'text where the bytes of a packet are awaited',
    run: async (line, target) => {
      await shakeHands(line, target, OVER_WEBSOCKET);
      line.write(clientFrame({ opcode: 1, payload: '451-["m",{"_placeholder":true,"num":0}]' }));
      line.write(clientFrame({ opcode: 1, payload: '42["m"]' }));
      await line.sees('closed', ({ closeCode, isOver }) => closeCode !== undefined || isOver);
    },
  },
  {
    name: 'a packet against the protocol, after CONNECT',
    weight: 3,
    run: async (line, target, random) => {
      await shakeHands(line, target, OVER_WEBSOCKET);
      line.write(clientFrame({ opcode: 1, payload: '40' }));
      await line.sees('joined', ({ text }) => text.includes('40{"sid"'));
      line.write(clientFrame({ opcode: 1, payload: pick(random, ['2', ...WRONG_LATER]) }));
      await line.sees('closed', ({ closeCode, isOver }) => closeCode !== undefined || isOver);
    },
  },
  {
    name: 'a namespace that is not there, or a since that is no number',
    run: async (line, target, random) => {
      await shakeHands(line, target, OVER_WEBSOCKET);
      line.write(
        clientFrame({ opcode: 1, payload: pick(random, ['40/admin,', '40{"since":"x"}', '40{"since":[1]}']) }),
      );
      await line.sees('refused', ({ text }) => text.includes('44'));
    },
  },
  {
    name: 'a session that is not known',
    weight: 3,
    run: async (line, { path }, random) => {
      const sid = randomText(random, 20).replaceAll(/[^a-z0-9]/g, 'b');
      const method = pick(random, ['GET', 'POST']);
      line.write(
        request({ method, target: `${path}${BY_POLLING}&sid=${sid}`, headers: ['Content-Length: 2'], body: '40' }),
      );
      await line.answers(400);
    },
  },
  {
    name: 'a handshake that is none',
    weight: 2,
    run: async (line, { path }, random) => {
      const query = pick(random, [
        '',
        '?EIO=4&transport=carrier-pigeon',
        '?EIO=4',
        '?EIO=4&transport=__proto__',
        '?EIO=4&transport=polling&transport=websocket',
      ]);
      line.write(request({ target: `${path}${query}` }));
      await line.answers(400);
    },
  },
  {
    name: 'a handshake by POST',
    run: async (line, { path }, random) => {
      const body = randomText(random, 1 + below(random, 100));
      const headers = [`Content-Length: ${body.length}`];
      line.write(request({ method: 'POST', target: `${path}${BY_POLLING}`, headers, body }));
      await line.answers(400);
    },
  },
];
