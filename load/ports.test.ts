import { expect, test } from 'vitest';
import { loopbackNetwork, openNetwork, portsOfMachine } from './machine/network.ts';
import { checkPorts, type Crowd } from './ports.ts';

function crowd(clients: number, nodes: number): Crowd {
  return { variant: { transport: 'websocket', backplane: 'redis', values: { nodes } }, clients };
}

test('a private network has more ports than its machine, and its note says which', async (context) => {
  await using network = await openNetwork();
  context.skip(network.readWire === undefined, network.note);
  context.skip(!network.note.includes('1024'), `/proc/sys may not be written here: ${network.note}`);
  expect(network.portsPerTarget).toBe(64_512);
  expect(network.note).toContain('client ports 1024 to 65535');
  await expect(checkPorts([crowd(64_512, 1), crowd(129_000, 2)], async () => openNetwork())).resolves.toBeUndefined();
  await expect(checkPorts([crowd(129_025, 2)], async () => openNetwork())).rejects.toMatchObject({
    code: 'too-few-ports',
  });
});

test('more clients than ports are refused with the number that fits, and what to do', async () => {
  const most = portsOfMachine();
  const loopback = async (): Promise<ReturnType<typeof loopbackNetwork>> => loopbackNetwork('no private network: none');
  await expect(checkPorts([crowd(2 * most, 2)], loopback)).resolves.toBeUndefined();
  await expect(checkPorts([crowd(10, 1), crowd(2 * most + 1, 2)], loopback)).rejects.toThrow(
    `${2 * most + 1} clients on 2 node(s) need more ports than their host has: at most ${2 * most} fit (no private network: none); ask for fewer clients or more nodes`,
  );
});

test('no network is opened for what any machine has', async () => {
  const never = async (): Promise<never> => {
    throw new Error('it was opened');
  };
  await expect(checkPorts([crowd(portsOfMachine(), 1)], never)).resolves.toBeUndefined();
});
