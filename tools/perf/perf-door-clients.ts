import { once } from 'node:events';
import { z } from 'zod';
import { endInWords } from '../../scenarios/session-end.ts';
import { headerProfile, TRANSPORT_IDS, TRANSPORTS } from '../../servers/registry.ts';
import type { SessionEvents, SessionOptions } from '../../servers/transport.ts';
import { variantValuesSchema } from '../../scenarios/variant-values.ts';

/** The clients of `make perf PART=doors`: native sessions, which say when all are open, and when all have had the whole feed. */
const orderSchema = z.strictObject({
  transport: z.enum(TRANSPORT_IDS),
  values: variantValuesSchema,
  port: z.int(),
  clients: z.int(),
  messages: z.int(),
});

const [told] = (await once(process, 'message')) as [unknown];
const { transport, values, port, clients, messages } = orderSchema.parse(told);
const { openSession } = await TRANSPORTS[transport].client();
let open = 0;
let deliveries = 0;

const options: SessionOptions = {
  host: '127.0.0.1',
  port,
  position: { kind: 'oldest' },
  headers: headerProfile('minimal'),
  values,
  poll: { originNs: 0, intervalNs: 1e9 },
};

const events: SessionEvents = {
  opened: () => {
    open += 1;
    if (open === clients) process.send?.('open');
  },
  message: () => {
    deliveries += 1;
    if (deliveries === clients * messages) process.send?.('delivered');
  },
  notice: () => undefined,
  signal: () => undefined,
  foreign: () => undefined,
  answered: () => undefined,
  reopened: () => undefined,
  lost: (end) => {
    throw new Error(`a session ended: ${endInWords(end)}`);
  },
};

for (let client = 0; client < clients; client++) openSession(options, events);
