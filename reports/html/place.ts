import { existsSync, readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { INSTALLATION, isInside } from '../../scenarios/installation/installation.ts';

/** What lies around a page, each as a relative link; what is not there is undefined, so that no link is dead. */
export interface Place {
  readonly allRuns?: string | undefined;
  /** The newest page of claims. */
  readonly claims?: string | undefined;
  readonly result?: string | undefined;
  readonly summary?: string | undefined;
  readonly methodology?: string | undefined;
  /** How the result is called from where the program is called, where the page lies in there. */
  readonly resultFromHome?: string | undefined;
}

/** How files are called: what is written beside a page, what may lie there, and what is the mark of a folder with claims. */
interface FileNames {
  readonly result: string;
  readonly summary: string;
  readonly claims: string;
}

/** Of a page in `folder`. */
export function placeOf(folder: string, { result, summary, claims }: FileNames): Place {
  const there = (link: string): string | undefined => (existsSync(join(folder, link)) ? link : undefined);
  const { root, home } = INSTALLATION;
  const isHere = isInside(home, folder);
  return {
    allRuns: there('../index.html'),
    claims: claimsPage(folder, claims, there),
    result: there(result),
    summary,
    methodology: isHere && isInside(home, root) ? there(join(relative(folder, root), 'METHODOLOGY.md')) : undefined,
    resultFromHome: isHere && there(result) !== undefined ? join(relative(home, folder), result) : undefined,
  };
}

/** Of a run that was made for claims, the page that it was made for; otherwise the newest beside it: names begin with a date. */
function claimsPage(folder: string, mark: string, there: (link: string) => string | undefined): string | undefined {
  if (existsSync(join(folder, '../..', mark))) return '../../index.html';
  const newest = namesIn(join(folder, '..'))
    .toSorted()
    .findLast((name) => existsSync(join(folder, '..', name, mark)));
  if (newest === undefined || there(`../${newest}/index.html`) === undefined) return undefined;
  return `../${encodeURIComponent(newest)}/index.html`;
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    // A page may lie where nobody may look around.
    return [];
  }
}
