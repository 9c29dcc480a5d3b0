import type { Notice } from './message.ts';

/**
 * The number after which a client asks for more. A message that comes late does not take it back, and neither does a gap
 * that it has passed: it would be served again what it has. Only a feed that begins anew does.
 */
export function afterMessage(resumePoint: number, seq: number): number {
  return seq > resumePoint ? seq : resumePoint;
}

export function afterNotice(resumePoint: number, notice: Notice): number {
  return notice.notice === 'gap' ? afterMessage(resumePoint, notice.to) : notice.latest;
}
