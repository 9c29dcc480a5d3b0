import type { Adapter } from '../adapter.ts';
import { EventLink } from './event-link.ts';
import type { CarriedAdapter, Link, LinkEvents, LinkOptions } from './link.ts';
import { OwnLink } from './own-link.ts';
import { PollingLink } from './polling-link.ts';
import { SocketIoLink } from './socketio-link.ts';
import { WebSocketLink } from './websocket-link.ts';

const LINKS: Readonly<Record<CarriedAdapter['by'], new (options: LinkOptions, events: LinkEvents) => Link>> = {
  websocket: WebSocketLink,
  events: EventLink,
  polling: PollingLink,
  'long-polling': PollingLink,
  socketio: SocketIoLink,
};

/** A connection of the kind that the adapter names. Its events come later, never during the call. */
export function openLink(options: LinkOptions<Adapter>, events: LinkEvents): Link {
  const { adapter } = options;
  return adapter.by === 'own'
    ? new OwnLink({ ...options, adapter }, events)
    : new LINKS[adapter.by]({ ...options, adapter }, events);
}
