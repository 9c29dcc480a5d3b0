import { connect, type Socket } from 'node:net';
import { Failure } from '../../scenarios/failures.ts';

/** The publisher's end of the ingest socket. */
export interface IngestClient {
  /** Hands over one body (JSON without line breaks); `onAnswer` tells what became of it. */
  send(body: string): void;
  close(): void;
}

export interface IngestEvents {
  /** In the order of `send`: the sequence number, or why there is none. */
  onAnswer(answer: number | Failure): void;
  onClose(): void;
}

export async function openIngestClient(path: string, events: IngestEvents): Promise<IngestClient> {
  const socket = await connected(path);
  let pending = '';
  socket.setEncoding('utf8');
  socket.on('data', (chunk: string) => {
    const lines = (pending + chunk).split('\n');
    pending = lines.pop() ?? '';
    for (const line of lines) events.onAnswer(parseAnswer(line));
  });
  socket.on('error', () => socket.destroy());
  socket.on('close', () => events.onClose());
  return {
    send: (body) => void socket.write(`${body}\n`),
    close: () => void socket.end(),
  };
}

function parseAnswer(line: string): number | Failure {
  return line.startsWith('!')
    ? new Failure(
        'redis-lost',
        `a message was not taken: ${line.slice(2)}; see whether Redis still runs and has memory, then run again`,
      )
    : Number(line);
}

async function connected(path: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(path);
    socket.once('error', reject);
    socket.once('connect', () => {
      socket.off('error', reject);
      resolve(socket);
    });
  });
}
