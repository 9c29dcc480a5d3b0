import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { DimensionValues } from '../../scenarios/dimensions.ts';
import { pinned, placeProcesses } from '../../load/machine/placement.ts';
import type { TransportId } from '../../servers/registry.ts';
import type { Tell, Turn } from './comparison.ts';

interface Contest {
  readonly transport: TransportId;
  readonly values: DimensionValues;
  readonly door: string;
  readonly bare: string;
  readonly clients: number;
}

const CLIENTS = 400;
const MESSAGES = 300;
const INTERVAL_MS = 10;
const TURNS = 5;
const MOST = 1.1;
const placement = placeProcesses();

const CONTESTS: readonly Contest[] = [
  { transport: 'sse', values: {}, door: 'the sse door', bare: 'response.write of one Buffer', clients: CLIENTS },
  { transport: 'websocket', values: {}, door: 'the websocket door', bare: 'ws.send of one Buffer', clients: CLIENTS },
  {
    transport: 'socketio',
    values: { shape: 'websocket' },
    door: 'the socketio door over WebSocket',
    bare: 'io.emit of a server that has nothing else',
    clients: CLIENTS,
  },
  {
    transport: 'socketio',
    values: { shape: 'polling' },
    door: 'the socketio door by polling',
    bare: 'io.emit of a server that has nothing else',
    // A server with more to do than it can would answer a poll with several messages.
    clients: 40,
  },
];

/** CPU of the server for each delivery: our doors against the least that can be written. */
export async function measure(tell: Tell): Promise<void> {
  for (const contest of CONTESTS) {
    const turns: Turn[] = [];
    for (let turn = 0; turn < TURNS; turn++)
      turns.push({ ours: await usPerDelivery(contest, 'door'), theirs: await usPerDelivery(contest, 'bare') });
    tell({
      question: `CPU of the server for a delivery, ${contest.clients} clients × ${1000 / INTERVAL_MS} messages a second`,
      unit: 'µs',
      ours: contest.door,
      theirs: contest.bare,
      turns,
      aim: { atMost: MOST },
    });
  }
}

async function usPerDelivery({ transport, values, clients: count }: Contest, server: 'door' | 'bare'): Promise<number> {
  await using serving = start('perf-door-process.ts', placement.server);
  const { port } = (await serving.ask({
    transport,
    values,
    server,
    messages: MESSAGES,
    intervalMs: INTERVAL_MS,
  })) as { port: number };
  await using clients = start('perf-door-clients.ts', placement.generator);
  await clients.ask({ transport, values, port, clients: count, messages: MESSAGES });
  const delivered = clients.told();
  const { cpuUs } = (await serving.ask('play')) as { cpuUs: number };
  await delivered;
  return cpuUs / (count * MESSAGES);
}

interface Process extends AsyncDisposable {
  /** Says something, and resolves with the next word. */
  ask(question: object | string): Promise<unknown>;
  told(): Promise<unknown>;
}

function start(program: string, cores: readonly number[]): Process {
  const path = fileURLToPath(new URL(program, import.meta.url));
  const [command, ...words] = [...pinned(cores), process.execPath, path];
  const child = spawn(command, words, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  return {
    ask: async (question) => {
      const answer = nextWord(child);
      child.send(question);
      return answer;
    },
    told: async () => nextWord(child),
    [Symbol.asyncDispose]: async () => {
      if (child.exitCode !== null) return;
      child.kill('SIGKILL');
      await once(child, 'exit');
    },
  };
}

async function nextWord(child: ChildProcess): Promise<unknown> {
  const word = Promise.withResolvers<unknown>();
  const ended = (): void => word.reject(new Error('a process of this comparison ended by itself'));
  child.once('exit', ended);
  child.once('message', (told: unknown) => {
    child.off('exit', ended);
    word.resolve(told);
  });
  return word.promise;
}
