import { openIngestClient } from '../../servers/ingest/client.ts';
import { liveAsPublisher } from './publisher.ts';

/** The publisher of trials with nodes: one of them takes what it hands in. */
liveAsPublisher(async ({ ingest }, events) => openIngestClient(ingest, events));
