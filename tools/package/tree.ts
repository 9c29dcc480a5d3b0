import { readdirSync } from 'node:fs';
import { join } from 'node:path';

/** What the program is made of; the rest of a checkout is for those who work on it. */
const ROOMS = ['cli', 'load', 'reports', 'scenarios', 'servers'];
/** Folders that hold what is made, or what tests need. */
const LEFT_OUT: ReadonlySet<string> = new Set(['fixtures', 'golden', 'out', 'sample', 'testing']);
/** Tests, what k6 is built of, and what systems and editors hide. */
const NOT_PACKED = /\.test\.ts$|^go\.(?:mod|sum)$|^\./;

/** The files that a package may be built of, by a rule, as paths from `root`: nobody has to name a new one. */
export function treeFiles(root: string): string[] {
  return ROOMS.flatMap((room) => filesIn(root, room)).toSorted();
}

function filesIn(root: string, folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory()) return LEFT_OUT.has(entry.name) ? [] : filesIn(root, path);
    return entry.isFile() && !NOT_PACKED.test(entry.name) ? [path] : [];
  });
}
