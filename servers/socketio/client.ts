import type { ValueOf } from '../../scenarios/dimensions.ts';
import type { OpenSession } from '../transport.ts';
import { PollingSession } from './polling-session.ts';
import { UpgradeSession } from './upgrade-session.ts';
import { WebSocketSession } from './websocket-session.ts';

const SESSIONS: Readonly<Record<ValueOf<'shape'>, OpenSession>> = {
  websocket: (options, events) => new WebSocketSession(options, events),
  polling: (options, events) => new PollingSession(options, events),
  upgrade: (options, events) => new UpgradeSession(options, events),
};

/** Listens to the feed as a client of Socket.IO, in the variant's shape. */
export const openSession: OpenSession = (options, events) => {
  const { shape = 'websocket' } = options.values;
  return SESSIONS[shape](options, events);
};
