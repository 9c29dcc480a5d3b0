import type { DimensionValues } from '../../scenarios/dimensions.ts';
import { http2Fields } from '../../scenarios/http2/fields.ts';

/** Header lines as the libraries take them, for the HTTP that is spoken. */
export function headerFields(lines: readonly string[], { http }: DimensionValues = {}): Record<string, string> {
  if (http === '2') return http2Fields(lines);
  return Object.fromEntries(
    lines.map((line) => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon), line.slice(colon + 1).trim()];
    }),
  );
}
