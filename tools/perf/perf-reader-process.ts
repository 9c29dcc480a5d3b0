import { WebSocket } from 'ws';
import { HeaderReader } from '../../scenarios/feed/message.ts';
import { headerProfile, TRANSPORTS } from '../../servers/registry.ts';

/** The clients of `make perf`: `perf-reader-process.ts native|ws <port> <sockets>`; tells what its reading cost. */
const [client = 'native', port = '0', sockets = '1'] = process.argv.slice(2);
const header = new HeaderReader();
let messages = 0;
let open = 0;
let ended = 0;
let before = process.cpuUsage();

function opened(): void {
  open += 1;
  if (open === Number(sockets)) before = process.cpuUsage();
}

function closed(): void {
  ended += 1;
  if (ended < Number(sockets)) return;
  const { user, system } = process.cpuUsage(before);
  process.send?.({ messages, cpuUs: user + system }, () => process.exit(0));
}

async function openNative(): Promise<void> {
  const { openSession } = await TRANSPORTS.websocket.client();
  openSession(
    {
      host: '127.0.0.1',
      port: Number(port),
      position: { kind: 'oldest' },
      headers: headerProfile('minimal'),
      values: {},
      poll: { originNs: 0, intervalNs: 1e9 },
    },
    {
      opened,
      message: () => (messages += 1),
      notice: () => undefined,
      foreign: () => undefined,
      answered: () => undefined,
      reopened: () => undefined,
      lost: closed,
    },
  );
}

function openWs(): void {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/ws`, 'json', { perMessageDeflate: false });
  socket.on('open', opened);
  socket.on('message', (data: Buffer) => {
    if (header.read(data)) messages += 1;
  });
  socket.on('close', closed);
}

for (let index = 0; index < Number(sockets); index++) {
  if (client === 'native') await openNative();
  else openWs();
}
