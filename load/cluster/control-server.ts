import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { z } from 'zod';
import { monotonicNs } from '../../scenarios/clock.ts';
import { Failure, systemErrorCode } from '../../scenarios/failures.ts';
import type { SharedPlan } from '../k6/lines.ts';
import type { WaitingRoom } from './waiting-room.ts';

const joinSchema = z.strictObject({
  transport: z.string(),
  clients: z.int().min(0),
  hosts: z.array(z.string().min(1)).min(1),
});
const partSchema = z.strictObject({ instance: z.int().min(1) });
const MOST_BODY_BYTES = 65_536;

interface ControlPlace {
  readonly host: string;
  readonly port: number;
  readonly room: WaitingRoom;
  /** For a k6 that was told to load those hosts; undefined until all clients are there. */
  readonly plan: (hosts: readonly string[]) => SharedPlan | undefined;
}

interface Answer {
  readonly status: number;
  readonly body: string | object;
}

/**
 * How the k6 of other hosts reach the publisher: they join, ask when it begins, read its clock, and say that they are done.
 * Rejects with `port-in-use`.
 */
export async function openControlServer(place: ControlPlace): Promise<{ readonly port: number } & AsyncDisposable> {
  const server = createServer((request, response) => {
    answer(request, place)
      .catch(
        (error: unknown): Answer => ({ status: 400, body: error instanceof Error ? error.message : String(error) }),
      )
      .then((answered) => send(response, answered))
      .catch(() => response.destroy());
  });
  await listen(server, place);
  return {
    port: (server.address() as AddressInfo).port,
    [Symbol.asyncDispose]: async () => {
      const closed = new Promise<void>((resolve) => {
        server.close(() => resolve());
      });
      server.closeAllConnections();
      await closed;
    },
  };
}

async function answer(request: IncomingMessage, { room, plan }: ControlPlace): Promise<Answer> {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://publisher');
  switch (`${request.method} ${pathname}`) {
    case 'GET /health':
      return { status: 200, body: { present: room.present } };
    case 'GET /clock':
      return { status: 200, body: { monotonicNs: monotonicNs() } };
    case 'GET /start': {
      const asking = room.arrived.find(({ instance }) => String(instance) === searchParams.get('instance'));
      if (asking === undefined) return { status: 409, body: 'whoever asks when it begins must have joined' };
      const decided = plan(asking.hosts);
      return decided === undefined ? { status: 202, body: { present: room.present } } : { status: 200, body: decided };
    }
    case 'POST /join': {
      const admission = room.admit(joinSchema.parse(JSON.parse(await textOf(request))));
      return 'refusal' in admission ? { status: 409, body: admission.refusal } : { status: 200, body: admission };
    }
    case 'POST /part':
      room.part(partSchema.parse(JSON.parse(await textOf(request))).instance);
      return { status: 200, body: {} };
    default:
      return { status: 404, body: 'a publisher of feedbench has /health, /clock, /start, /join and /part' };
  }
}

async function textOf(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    bytes += part.length;
    if (bytes > MOST_BODY_BYTES) throw new RangeError('too long');
    parts.push(part);
  }
  return Buffer.concat(parts).toString();
}

function send(response: ServerResponse, { status, body }: Answer): void {
  const isText = typeof body === 'string';
  response.writeHead(status, { 'content-type': isText ? 'text/plain' : 'application/json' });
  response.end(isText ? body : JSON.stringify(body));
}

async function listen(server: Server, { host, port }: ControlPlace): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => {
      const code = systemErrorCode(error) ?? error.message;
      reject(
        new Failure('port-in-use', `cannot listen on ${host}:${port} (${code}); choose another --host or --port`, {
          cause: error,
        }),
      );
    });
    server.listen(port, host, () => resolve());
  });
}
