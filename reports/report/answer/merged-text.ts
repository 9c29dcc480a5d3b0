import { distinct } from '../../figures/wording.ts';

/** Not those that are names: of a process, of a core. */
const NUMBER = /(?<![\d,.]|\bid |\bcore )\d[\d,]*(?:\.\d+)?/g;

/**
 * Texts that differ in their numbers alone become one, with the least and the most of each: `CPU 81 % of a core` and `CPU 93 %
 * of a core` are `CPU 81 to 93 % of a core`. Others stay apart, in the order in which they first came.
 */
export function mergedTexts(texts: readonly string[]): string[] {
  return [...Map.groupBy(texts, (text) => text.replaceAll(NUMBER, '#')).values()].map(merged);
}

function merged(alike: readonly string[]): string {
  const numbers = alike.map((text) => text.match(NUMBER) ?? []);
  let place = -1;
  return (alike[0] ?? '').replaceAll(NUMBER, () => {
    place += 1;
    const all = distinct(numbers.flatMap((own) => own[place] ?? [])).toSorted((a, b) => valueOf(a) - valueOf(b));
    return all.length > 1 ? `${all[0]} to ${all.at(-1)}` : (all[0] ?? '');
  });
}

function valueOf(number: string): number {
  return Number(number.replaceAll(',', ''));
}
