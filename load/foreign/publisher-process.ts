import { liveAsPublisher } from '../fleet/publisher.ts';
import { loadAdapter } from './adapter-file.ts';
import { fenceAdapter } from './apart/fence.ts';
import { openForeignIngest } from './foreign-ingest.ts';
import { USUAL_LIMITS } from './links/link.ts';

/** The publisher of trials with a server that is not ours, which its adapter knows how to tell something. */
liveAsPublisher(async ({ foreign }, events) => {
  if (foreign === undefined) throw new TypeError('an adapter is of a server that is not ours');
  fenceAdapter(events.onHalt);
  const adapter = await loadAdapter(foreign.adapter);
  return openForeignIngest({ adapter, address: foreign.address, limits: USUAL_LIMITS }, events);
});
