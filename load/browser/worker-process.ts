import { isUsual } from '../../scenarios/dimensions.ts';
import { findChromium } from '../machine/chromium.ts';
import { liveAsWorker } from '../workers/worker.ts';
import { pageSessions } from './page-session.ts';
import { Pages } from './pages.ts';

/** By the authority that they trust. */
const opened = new Map<string | undefined, Pages>();

/** Chromium, and what it leaves on the disk, is gone before this process is. */
function end(): void {
  const closing = [...opened.values()].map(async (pages) => pages.close());
  void Promise.allSettled(closing).finally(() => process.exit(0));
}

function pagesFor(authority: string | undefined): Pages {
  const pages = opened.get(authority) ?? openPages(authority);
  opened.set(authority, pages);
  return pages;
}

function openPages(authority: string | undefined): Pages {
  return new Pages({
    program: findChromium(),
    authority,
    onTrouble: (words) => {
      throw new Error(words);
    },
  });
}

process.once('disconnect', end);
process.once('SIGTERM', end);
liveAsWorker(async (transport, { values }) => {
  // Who is to trust an authority is not started before it is known.
  if (isUsual('tls', values)) pagesFor(undefined);
  return pageSessions(pagesFor, transport);
});
