import { expect, test } from 'vitest';
import { TreeCopy } from '../tree-copy.ts';
import { plantDoors, plantTransport, takePlaceOfWebSocket } from './planted-doors.ts';

test('what is planted is known to the copy as WebSocket is, by a name of its own', { timeout: 60_000 }, async () => {
  using copy = new TreeCopy();
  plantDoors(copy);
  plantTransport(copy, { id: 'websocket-slower', label: 'WebSocket, slower', door: 'slower' });
  plantTransport(copy, { id: 'websocket-same', label: 'WebSocket again' });
  const before = copy.read('servers/registry.ts');
  const undo = takePlaceOfWebSocket(copy, 'slower');
  undo();
  expect(copy.read('servers/registry.ts')).toBe(before);
  takePlaceOfWebSocket(copy, 'costlier');
  const { code, output } = await copy.run(['cli/cli.ts', 'list']);
  expect(code).toBe(0);
  expect(output).toMatch(/^ {2}websocket-slower +the ws library/m);
  const { output: doors } = await copy.run([
    '--input-type=module',
    '-e',
    `const { TRANSPORTS } = await import('./servers/registry.ts');
     for (const id of ['websocket', 'websocket-slower', 'websocket-same']) {
       const { openDoor } = await TRANSPORTS[id].server();
       console.log(id, String(TRANSPORTS[id].server), typeof openDoor);
     }`,
  ]);
  expect(doors).toMatch(/^websocket .*costlier-door.ts.* function$/m);
  expect(doors).toMatch(/^websocket-slower .*slower-door.ts.* function$/m);
  expect(doors).toMatch(/^websocket-same .*websocket\/server.ts.* function$/m);
});
