import { pick, type Random } from '../../scenarios/feed/random.ts';
import { type Attack, below, randomBytes, randomText, type Target } from './attack.ts';
import { request } from './http-attacks.ts';
import type { Line } from './line.ts';

interface Frame {
  readonly opcode: number;
  readonly payload?: Buffer | string;
  readonly fin?: boolean;
  /** The three reserved bits, as they stand in the first byte. */
  readonly reserved?: number;
  readonly masked?: boolean;
  /** What the head says, whatever the payload is. */
  readonly length?: number;
}

/** A client's frame, as wrong as it is asked for; the mask is of zeros. */
export function clientFrame({ opcode, payload = '', fin = true, reserved = 0, masked = true, length }: Frame): Buffer {
  const body = Buffer.from(payload);
  const claimed = length ?? body.length;
  const mask = masked ? 0x80 : 0;
  const first = (fin ? 0x80 : 0) | reserved | opcode;
  const head = claimed < 126 ? Buffer.from([first, mask | claimed]) : Buffer.alloc(claimed < 65_536 ? 4 : 10);
  if (claimed >= 126) {
    head[0] = first;
    head[1] = mask | (claimed < 65_536 ? 126 : 127);
    if (claimed < 65_536) head.writeUInt16BE(claimed, 2);
    else head.writeBigUInt64BE(BigInt(claimed), 2);
  }
  return Buffer.concat([head, Buffer.alloc(masked ? 4 : 0), body]);
}

const UPGRADE = ['Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Version: 13'];
const KEY = 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==';

export async function shakeHands(line: Line, { path }: Target, query = ''): Promise<void> {
  line.write(request({ target: `${path}${query}`, headers: [...UPGRADE, KEY] }));
  await line.answers(101);
}

const BAD_CLOSES = [999, 1004, 1005, 1006, 1015, 2999, 5000];

function code(value: number): Buffer {
  return Buffer.from([value >> 8, value & 0xff]);
}

/** Frames that end a connection, and with which codes (RFC 6455, sections 5 and 7.4.1). */
const WRONG_FRAMES: readonly { name: string; codes: readonly number[]; frames: (random: Random) => Buffer }[] = [
  {
    name: 'an unmasked frame',
    codes: [1002],
    frames: () => clientFrame({ opcode: 1, payload: 'hello', masked: false }),
  },
  {
    name: 'reserved bits',
    codes: [1002],
    frames: (random) => clientFrame({ opcode: 1, payload: 'x', reserved: pick(random, [0x40, 0x20, 0x10, 0x70]) }),
  },
  {
    name: 'an unknown opcode',
    codes: [1002],
    frames: (random) => clientFrame({ opcode: pick(random, [3, 4, 5, 6, 7, 11, 12, 13, 14, 15]) }),
  },
  {
    name: 'a fragmented control frame',
    codes: [1002],
    frames: (random) => clientFrame({ opcode: pick(random, [8, 9, 10]), fin: false }),
  },
  {
    name: 'a control frame that is too long',
    codes: [1002],
    frames: (random) => clientFrame({ opcode: pick(random, [8, 9, 10]), payload: randomBytes(random, 126) }),
  },
  {
    name: 'a length beyond every bound',
    codes: [1002, 1009],
    frames: (random) => clientFrame({ opcode: 1, length: pick(random, [65_700, 2 ** 31, 2 ** 40, 2 ** 52]) }),
  },
  { name: 'too much', codes: [1009], frames: () => clientFrame({ opcode: 2, payload: Buffer.alloc(70_000) }) },
  {
    name: 'too much in fragments',
    codes: [1009],
    frames: () =>
      Buffer.concat([
        clientFrame({ opcode: 2, payload: Buffer.alloc(40_000), fin: false }),
        clientFrame({ opcode: 0, payload: Buffer.alloc(40_000) }),
      ]),
  },
  { name: 'a continuation of nothing', codes: [1002], frames: () => clientFrame({ opcode: 0, payload: 'x' }) },
  {
    name: 'a message inside a message',
    codes: [1002],
    frames: () => Buffer.concat([clientFrame({ opcode: 1, fin: false }), clientFrame({ opcode: 1, payload: 'x' })]),
  },
  {
    name: 'text that is none',
    codes: [1007],
    frames: (random) =>
      clientFrame({ opcode: 1, payload: Buffer.concat([randomBytes(random, 5), Buffer.from([0xc0, 0xaf])]) }),
  },
  {
    name: 'a close with a code that may not be sent',
    codes: [1002],
    frames: (random) => clientFrame({ opcode: 8, payload: code(pick(random, [1000 - 1, ...BAD_CLOSES])) }),
  },
  { name: 'a close of one byte', codes: [1002], frames: () => clientFrame({ opcode: 8, payload: 'x' }) },
  {
    name: 'a close whose reason is no text',
    codes: [1007],
    frames: () => clientFrame({ opcode: 8, payload: Buffer.from([0x03, 0xe8, 0xff]) }),
  },
];

/** On a path where a WebSocket is opened; `query` is what its handshake has to say. */
export function websocketAttacks(query: string): readonly Attack[] {
  const refused: Attack[] = WRONG_FRAMES.map(({ name, codes, frames }) => ({
    name,
    run: async (line, target, random) => {
      await shakeHands(line, target, query);
      line.write(frames(random));
      await line.closes(...codes);
    },
  }));
  return [...refused, ...wrongHandshakes(query), ...wrongEnds(query)];
}

function wrongHandshakes(query: string): Attack[] {
  return [
    {
      name: 'an upgrade that lacks something',
      weight: 2,
      run: async (line, { path }, random) => {
        const left = pick(random, [0, 1, 2, 3] as const);
        const headers = [...UPGRADE, KEY].filter((_, index) => index !== left);
        line.write(request({ target: `${path}${query}`, headers }));
        await line.answers(400, 426);
      },
    },
    {
      name: 'an upgrade to another version, or with another key',
      run: async (line, { path }, random) => {
        const wrong = pick(random, [
          'Sec-WebSocket-Version: 8',
          'Sec-WebSocket-Version: 99',
          'Sec-WebSocket-Key: short',
        ]);
        const name = wrong.split(':', 1)[0] ?? '';
        const headers = [...UPGRADE, KEY].map((field) => (field.startsWith(name) ? wrong : field));
        line.write(request({ target: `${path}${query}`, headers }));
        await line.answers(400, 426);
      },
    },
    {
      name: 'a since that is no number, at the upgrade',
      run: async (line, { path }) => {
        const target = `${path}${query === '' ? '?' : `${query}&`}since=x`;
        line.write(request({ target, headers: [...UPGRADE, KEY] }));
        await line.answers(400);
      },
    },
  ];
}

function wrongEnds(query: string): Attack[] {
  return [
    {
      name: 'half a frame, and a break or the end',
      weight: 2,
      run: async (line, target, random) => {
        await shakeHands(line, target, query);
        const frame = clientFrame({ opcode: 1, payload: 'x'.repeat(200) });
        line.write(frame.subarray(0, 1 + below(random, frame.length - 1)));
        if (random() < 0.5) line.reset();
        else line.half();
        await line.ends();
      },
    },
    {
      name: 'pings without end',
      run: async (line, target, random) => {
        await shakeHands(line, target, query);
        const many = 20 + below(random, 200);
        line.write(Buffer.concat(Array.from({ length: many }, () => clientFrame({ opcode: 9, payload: 'ping' }))));
        line.write(clientFrame({ opcode: 8, payload: code(1000) }));
        // Many that are not answered yet are not to pile up: ws cuts such a client off.
        await line.sees('closed or cut', ({ closeCode, isOver }) => closeCode !== undefined || isOver);
      },
    },
  ];
}

function nested(depth: number): string {
  return `${'['.repeat(depth)}${']'.repeat(depth)}`;
}

type MakeText = (random: Random) => Buffer | string;

/** Texts that are no command, or none that a client without a name may say. */
const WRONG_COMMANDS: readonly [MakeText, ...MakeText[]] = [
  (random) => randomBytes(random, below(random, 2000)),
  (random) => randomText(random, below(random, 2000)),
  (random) => '['.repeat(1 + below(random, 60_000)),
  (random) => `{"type":"send","channel":"a","data":${nested(1 + below(random, 30_000))}}`,
  (random) => `{"id":${pick(random, ['1e400', '-1', '"x"', '{}', '9'.repeat(400)])},"type":"send"}`,
  (random: Random) =>
    `{"type":"${randomText(random, 10).replaceAll('"', '')}","channel":"${'x'.repeat(below(random, 5000))}"}`,
  () => '{"type":"send","channel":"room:1","data":"x","__proto__":{"type":"join"}}',
  () => '{"type":"send","channel":"room:1","data":"hello"}',
  () => '{"type":"join","channel":"user:ann"}',
  () => '{"type":"auth","token":"x"}',
];

/** Where clients say commands in frames of their own. */
export const COMMAND_ATTACKS: readonly Attack[] = [
  {
    name: 'what is no command, or is not for whoever says it',
    weight: 4,
    run: async (line, target, random) => {
      await shakeHands(line, target);
      line.write(clientFrame({ opcode: 2, payload: pick(random, WRONG_COMMANDS)(random) }));
      await line.sees('answered', ({ frames }) => frames.some(({ payload }) => payload.includes('"answer"')));
      line.write(clientFrame({ opcode: 8, payload: code(1000) }));
      await line.closes(1000);
    },
  },
];
