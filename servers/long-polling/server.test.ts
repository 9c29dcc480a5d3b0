import { once } from 'node:events';
import { connect } from 'node:net';
import { expect, test } from 'vitest';
import { openTestNode } from '../testing/test-node.ts';

test('a connection holds one poll, whatever is asked before it is answered', async () => {
  await using node = await openTestNode({ transport: 'long-polling', holdMs: 600_000 });
  const socket = connect(node.port, '127.0.0.1');
  await once(socket, 'connect');
  let said = '';
  socket.setEncoding('utf8').on('data', (chunk: string) => {
    said += chunk;
  });
  const bodies = (): string[] => [...said.matchAll(/\r\n\r\n(\[.*?\])(?=HTTP|$)/gs)].map(([, body = '']) => body);
  socket.write('GET /next?since=0 HTTP/1.1\r\nHost: node\r\n\r\n'.repeat(5));
  while (bodies().length < 4) await once(socket, 'data');
  expect(bodies()).toEqual(['[]', '[]', '[]', '[]']);
  await node.append('first');
  while (bodies().length < 5) await once(socket, 'data');
  expect(bodies()[4]).toContain('"seq":1');
  socket.destroy();
});
