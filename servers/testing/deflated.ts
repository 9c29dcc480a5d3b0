import { constants, deflateRawSync } from 'node:zlib';

const WINDOW_BYTES = 32 * 1024;
const TRAILER_BYTES = 4;

/**
 * Payloads of messages as a sender deflates them one after the other (RFC 7692, section 7.2.1), each referring to those before
 * it where the window takes over.
 */
export function deflated(messages: readonly Buffer[], takesOver = true): Buffer[] {
  let window = Buffer.alloc(0);
  return messages.map((message) => {
    const payload = deflateRawSync(message, {
      finishFlush: constants.Z_SYNC_FLUSH,
      ...(takesOver && window.length > 0 ? { dictionary: window } : {}),
    });
    window = Buffer.from(Buffer.concat([window, message]).subarray(-WINDOW_BYTES));
    return payload.subarray(0, -TRAILER_BYTES);
  });
}
