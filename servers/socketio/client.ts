import type { OpenSession } from '../transport.ts';
import { WebSocketSession } from './websocket-session.ts';

/** Listens to the feed as a client of Socket.IO, over what the variant's shape says. */
export const openSession: OpenSession = (options, events) => new WebSocketSession(options, events);
