import { liveAsWorker } from '../workers/worker.ts';
import { pageSessions } from './page-session.ts';
import { Pages } from './pages.ts';
import { findChromium } from '../machine/chromium.ts';

let opening: Promise<Pages> | undefined;

/** Chromium, and what it leaves on the disk, is gone before this process is. */
function end(): void {
  (opening ?? Promise.reject(new Error('there is none')))
    .then(async (pages) => pages.close())
    .finally(() => process.exit(0))
    .catch(() => undefined);
}

async function openPages(): Promise<Pages> {
  const pages = new Pages(findChromium());
  await pages.ready(() => {
    throw new Error('Chromium ended by itself');
  });
  return pages;
}

process.once('disconnect', end);
process.once('SIGTERM', end);
liveAsWorker(async (transport) => {
  opening ??= openPages();
  return pageSessions(await opening, transport);
});
