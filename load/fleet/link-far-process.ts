import { createSocket } from 'node:dgram';
import { flushCompileCache } from 'node:module';
import { answerTrains } from './packet-train.ts';

/** The far end of a link, with which the delay probe measures its rate. Told where to listen, it tells its port. */
export type FarEndCommand = { readonly kind: 'listen'; readonly address: string };
export type FarEndReport = { readonly kind: 'listening'; readonly port: number };

process.on('message', ({ address }: FarEndCommand) => {
  const socket = createSocket('udp4');
  answerTrains(socket);
  socket.bind(0, address, () => {
    process.send?.({ kind: 'listening', port: socket.address().port } satisfies FarEndReport);
  });
});
process.once('disconnect', () => process.exit(0));
flushCompileCache();
