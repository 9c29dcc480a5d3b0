import { existsSync } from 'node:fs';
import { dirname, isAbsolute, join, relative } from 'node:path';

/** What lies around a page, each as a relative link; what is not there is undefined, so that no link is dead. */
export interface Place {
  readonly allRuns?: string | undefined;
  readonly result?: string | undefined;
  readonly summary?: string | undefined;
  readonly methodology?: string | undefined;
  /** How the result is called from the folder of the program, where the page lies in it. */
  readonly resultFromCheckout?: string | undefined;
}

const CHECKOUT = dirname(dirname(import.meta.dirname));

/** Of a page in `folder`, beside which `summary` is written, and `result` may lie. */
export function placeOf(folder: string, { result, summary }: { result: string; summary: string }): Place {
  const there = (link: string): string | undefined => (existsSync(join(folder, link)) ? link : undefined);
  const inside = relative(CHECKOUT, folder);
  const isInside = !inside.startsWith('..') && !isAbsolute(inside);
  return {
    allRuns: there('../index.html'),
    result: there(result),
    summary,
    methodology: isInside ? there(join(relative(folder, CHECKOUT), 'METHODOLOGY.md')) : undefined,
    resultFromCheckout: isInside && there(result) !== undefined ? join(inside, result) : undefined,
  };
}
