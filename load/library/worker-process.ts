import { liveAsWorker } from '../workers/worker.ts';
import { librarySession } from './clients.ts';

process.once('disconnect', () => process.exit(0));
liveAsWorker(librarySession);
