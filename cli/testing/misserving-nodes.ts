import { encodeMessage } from '../../scenarios/feed/message.ts';
import { misserveAll } from '../../servers/testing/misserve.ts';

/**
 * Loaded into every process of a run (`node --import`): its nodes serve under every tenth number the body of the message
 * before, whose checksum fits.
 */
const bodies = new Map<number, string>();

misserveAll((message, seq) => {
  bodies.set(seq, message.toString().slice(`{"seq":${seq},`.length));
  const before = bodies.get(seq - 1);
  return [seq % 10 === 0 && before !== undefined ? encodeMessage(seq, before) : message];
});
