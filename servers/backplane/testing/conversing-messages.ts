import type { Origin } from '../../../scenarios/feed/message.ts';
import type { Said } from '../../hub/conversation.ts';

/** What a conversing process is told; its options first, and once. */
export type Question =
  | { readonly kind: 'open'; readonly redisUrl: string; readonly feed: string; readonly heartbeatMs: number }
  | { readonly kind: 'say'; readonly id: number; readonly origin: Origin; readonly data: unknown }
  | { readonly kind: 'arrive' | 'depart'; readonly user: string }
  | { readonly kind: 'close' };

/** What it tells. */
export type Report =
  | { readonly kind: 'ready' }
  | { readonly kind: 'said'; readonly id: number; readonly said: Said }
  | { readonly kind: 'refused'; readonly id: number; readonly error: string };
