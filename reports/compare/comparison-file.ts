import { createHash } from 'node:crypto';

/** The folder of the comparisons, among those of the runs. */
export const COMPARISONS = 'comparisons';

const MOST_NAMED = 2;
const HASH_DIGITS = 8;

/** The same for the same runs in the same order, so that comparing them again replaces it. */
export function comparisonFile(ids: readonly string[]): string {
  const named = ids.slice(0, MOST_NAMED).map((id) => id.replaceAll(/[^\w.-]/g, '_'));
  const rest = ids.length > MOST_NAMED ? [hashOf(ids)] : [];
  return `${[...named, ...rest].join('--')}.html`;
}

function hashOf(ids: readonly string[]): string {
  return createHash('sha256').update(ids.join('\n')).digest('hex').slice(0, HASH_DIGITS);
}
