import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The path of the script that plays subscribers of a transport: a file in `scripts/` with its id. Undefined: there is none. */
export function scriptFor(transport: string): string | undefined {
  const path = fileURLToPath(new URL(`scripts/${transport}.ts`, import.meta.url));
  return existsSync(path) ? path : undefined;
}
