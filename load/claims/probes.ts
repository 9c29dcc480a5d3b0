import type { ProbeId } from '../../scenarios/claims/figures.ts';
import { measureBackoff } from './backoff.ts';
import { measureCloseCodes } from './close-codes.ts';
import { measureExchanges } from './exchange.ts';
import { measureFrames } from './frames.ts';
import { measureHeartbeat } from './heartbeat.ts';
import { measurePage } from './pages/authorization.ts';
import type { Probe } from './probe.ts';
import { measurePushes } from './pushes.ts';
import { measureRedisPairs } from './redis-pairs.ts';
import { measureSocketio } from './socketio.ts';
import { measureStreams } from './pages/streams.ts';
import { measureTokensInLogs } from './tokens-in-logs.ts';

/** Every probe: one row. */
export const PROBES: { readonly [Id in ProbeId]: Probe<Id> } = {
  frames: { label: 'frames of a WebSocket, byte by byte', seconds: 1, measure: measureFrames },
  exchanges: { label: 'a poll and an upgrade, byte by byte', seconds: 1, measure: measureExchanges },
  pushes: { label: 'what transports add to a message, and when it comes', seconds: 3, measure: measurePushes },
  backoff: { label: 'reconnecting, simulated', seconds: 1, measure: measureBackoff },
  heartbeat: { label: 'clients that stand still, and what asking costs', seconds: 8, measure: measureHeartbeat },
  redis: { label: 'the same messages with Redis and without', seconds: 5, measure: measureRedisPairs },
  socketio: { label: 'what Socket.IO brings, and a plain WebSocket does not', seconds: 5, measure: measureSocketio },
  closeCodes: { label: 'close codes by their causes', seconds: 3, measure: measureCloseCodes },
  logs: { label: 'tokens in the log of a server', seconds: 1, measure: measureTokensInLogs },
  page: { label: 'a page in Chromium', seconds: 3, measure: measurePage },
  streams: { label: 'seven event streams of a page in Chromium', seconds: 8, measure: measureStreams },
};

export const PROBE_IDS = Object.keys(PROBES) as ProbeId[];
