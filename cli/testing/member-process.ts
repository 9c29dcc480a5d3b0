import { once } from 'node:events';
import { z } from 'zod';
import { monotonicNs } from '../../scenarios/clock.ts';
import { headerProfile, TRANSPORT_IDS, TRANSPORTS } from '../../servers/registry.ts';
import type { SessionEvents } from '../../servers/transport.ts';

/** A member in a process of its own, which passes on what it hears in its channels; it ends with who started it. */
const orderSchema = z.strictObject({
  transport: z.enum(TRANSPORT_IDS),
  host: z.string(),
  port: z.int(),
  user: z.string(),
  channels: z.array(z.string()),
});

export type MemberOrder = z.output<typeof orderSchema>;
export type MemberReport =
  | { readonly kind: 'opened' }
  | { readonly kind: 'heard'; readonly channel: string; readonly data: unknown }
  | { readonly kind: 'lost'; readonly code: string };

function tell(report: MemberReport): void {
  process.send?.(report, undefined, undefined, () => undefined);
}

const events: SessionEvents = {
  opened: () => tell({ kind: 'opened' }),
  message: (header) => {
    const origin = header.origin();
    if (origin === undefined) return;
    tell({ kind: 'heard', channel: origin.channel, data: JSON.parse(header.data().toString()) as unknown });
  },
  notice: () => undefined,
  signal: () => undefined,
  foreign: () => undefined,
  answered: () => undefined,
  reopened: () => undefined,
  lost: ({ code }) => tell({ kind: 'lost', code }),
};

const [told] = (await once(process, 'message')) as [unknown];
const { transport, host, port, user, channels } = orderSchema.parse(told);
const { openSession } = await TRANSPORTS[transport].client();
openSession(
  {
    host,
    port,
    position: { kind: 'oldest' },
    values: {},
    headers: headerProfile('minimal'),
    poll: { originNs: monotonicNs(), intervalNs: 1e9 },
    member: { user, channels },
  },
  events,
);
process.on('disconnect', () => process.exit(0));
