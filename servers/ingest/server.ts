import { createServer, type Server, type Socket } from 'node:net';
import { errorMessage, Failure, systemErrorCode } from '../../scenarios/failures.ts';

/**
 * How a publisher that is not a client of the feed hands messages to a node: a Unix socket, so that not a byte of it
 * crosses the wire under test. One body a line in; for each, in order, its sequence number or `! reason` a line out.
 */
export interface Ingest {
  close(): Promise<void>;
}

/** Far above what a workload may ask for: a longer line never ends. */
const MOST_LINE_LENGTH = 16 * 1024 * 1024;

/** Rejects with `port-in-use` where the path cannot be bound. */
export async function openIngest(path: string, append: (body: string) => Promise<number>): Promise<Ingest> {
  const sockets = new Set<Socket>();
  // A publisher that has ended its side still gets the answers to what it sent.
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    // A publisher that goes away needs no answer; its close follows.
    socket.on('error', () => socket.destroy());
    acceptLines(socket, append);
  });
  await listen(server, path);
  return {
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
      });
    },
  };
}

function acceptLines(socket: Socket, append: (body: string) => Promise<number>): void {
  let pending = '';
  // Answers keep the order of the lines even where an append fails before an earlier one has succeeded.
  let answered: Promise<void> = Promise.resolve();
  socket.setEncoding('utf8');
  socket.on('data', (chunk: string) => {
    // Only the new chunk is searched: what waits holds no line break.
    const [first = '', ...others] = chunk.split('\n');
    const lines = [pending + first, ...others];
    pending = lines.pop() ?? '';
    if (pending.length > MOST_LINE_LENGTH) socket.destroy();
    for (const line of lines) {
      const answer = append(line).then(String, (error: unknown) => `! ${errorMessage(error).replaceAll('\n', ' ')}`);
      answered = answered.then(async () => {
        socket.write(`${await answer}\n`);
      });
    }
  });
  socket.once('end', () => void answered.then(() => socket.end()));
}

async function listen(server: Server, path: string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => {
      const code = systemErrorCode(error) ?? error.message;
      reject(
        new Failure('port-in-use', `cannot take messages at ${path} (${code}); choose another path`, { cause: error }),
      );
    });
    server.listen(path, () => resolve());
  });
}
