import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';

export const hasNginx = spawnSync('nginx', ['-v']).status === 0;

export interface TestNginx extends AsyncDisposable {
  readonly port: number;
}

/** An nginx with what stands in its `http` block; `%PORT%` in it is where it listens. */
export async function startTestNginx(http: string): Promise<TestNginx> {
  const directory = await mkdtemp(join(tmpdir(), 'feedbench-nginx-'));
  const port = await freePort();
  const kinds = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
  const scratch = kinds.map((kind) => `${kind}_temp_path ${join(directory, kind)};`);
  const settings = ['access_log off;', ...scratch, http.replaceAll('%PORT%', String(port))].join('\n');
  const global = `daemon off; master_process off; pid ${join(directory, 'pid')}; error_log stderr; events {}`;
  await writeFile(join(directory, 'nginx.conf'), `${global}\nhttp {\n${settings}\n}\n`);
  const nginx = spawn('nginx', ['-e', 'stderr', '-p', directory, '-c', 'nginx.conf'], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  await accepting(nginx, port);
  return {
    port,
    [Symbol.asyncDispose]: async () => {
      if (nginx.exitCode === null) {
        nginx.kill();
        await once(nginx, 'exit');
      }
      await rm(directory, { recursive: true });
    },
  };
}

async function accepting(nginx: ChildProcess, port: number): Promise<void> {
  while (nginx.exitCode === null) {
    const socket = connect(port, '127.0.0.1');
    try {
      await once(socket, 'connect');
      return;
    } catch {
      // Not yet.
      await setTimeout(5);
    } finally {
      socket.destroy();
    }
  }
  throw new Error('nginx did not start');
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
