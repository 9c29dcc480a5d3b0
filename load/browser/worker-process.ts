import { findChromium } from '../machine/chromium.ts';
import { liveAsWorker } from '../workers/worker.ts';
import { pageSessions } from './page-session.ts';
import { Pages } from './pages.ts';

let pages: Pages | undefined;

/** Chromium, and what it leaves on the disk, is gone before this process is. */
function end(): void {
  void (pages?.close() ?? Promise.resolve()).finally(() => process.exit(0));
}

function openPages(): Pages {
  return new Pages(findChromium(), (words) => {
    throw new Error(words);
  });
}

process.once('disconnect', end);
process.once('SIGTERM', end);
liveAsWorker(async (transport) => {
  pages ??= openPages();
  return pageSessions(pages, transport);
});
