import { readFileSync } from 'node:fs';
import { findPackageJSON } from 'node:module';
import { dirname, join } from 'node:path';
import { type TransportId, transportRow } from './registry.ts';

/** A script that a page needs before, and where it asks for it. */
export interface PageLibrary {
  readonly path: string;
  readonly text: string;
}

/** How a page follows a transport, as its folder has it; undefined where none can. */
export function followerSource(id: TransportId): string | undefined {
  const { page } = transportRow(id);
  return page === undefined ? undefined : readFileSync(page.script, 'utf8');
}

/** A statement for a page that puts the function into `followers`, in a scope of its own. */
export function followerStatement(id: TransportId): string | undefined {
  const body = followerSource(id)?.replace(/^export function follow\(/m, 'return function (');
  if (body === undefined) return undefined;
  return withoutEndTag(`followers[${JSON.stringify(id)}] = (() => {\n${body}\n})();`);
}

/** The libraries that pages need for these transports, each once. */
export function pageLibraries(transports: readonly TransportId[]): PageLibrary[] {
  return transports.flatMap((id) => {
    const library = transportRow(id).page?.library;
    if (library === undefined) return [];
    const folder = dirname(findPackageJSON(library.package, import.meta.url) ?? '');
    return [{ path: library.path, text: readFileSync(join(folder, library.file), 'utf8') }];
  });
}

/** A script as it may stand between tags. */
export function withoutEndTag(script: string): string {
  return script.replaceAll('</script', '<\\/script');
}
