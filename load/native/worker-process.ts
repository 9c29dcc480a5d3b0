import { transportRow } from '../../servers/registry.ts';
import { liveAsWorker } from '../workers/worker.ts';

process.once('disconnect', () => process.exit(0));
liveAsWorker(async (transport) => (await transportRow(transport).client()).openSession);
