import { join } from 'node:path';
import { Failure } from '../../scenarios/failures.ts';
import { type Claims, parseClaims } from '../../scenarios/result/claims.ts';
import { writeWhole } from '../output.ts';
import { readJson } from '../read-result.ts';
import { renderClaimsPage } from './claims-page.ts';

export const CLAIMS_FILE = 'claims.json';

/** Throws `unreadable` where the file is not there, not JSON, or no claims that this version knows. */
export function readClaims(path: string): Claims {
  const claims = parseClaims(readJson(path));
  if (typeof claims !== 'string') return claims;
  throw new Failure(
    'unreadable',
    `${path} cannot be read: ${claims}; measure the claims again, or use the feedbench that wrote it`,
  );
}

/** Writes the page beside the figures; returns its path. Throws `disk-full`, `unwritable`. */
export function writeClaims(folder: string, claims: Claims): string {
  const path = join(folder, 'index.html');
  writeWhole(path, renderClaimsPage(claims));
  return path;
}
