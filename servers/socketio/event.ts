import type { Entry } from '../feed/log.ts';

/** The event in which the feed comes. */
export const EVENT = 'm';

/** The packet of an entry, down to the byte: `2`, EVENT, and an array of its name and the entry. */
export function packetOf(entry: Entry): string {
  return `2["${EVENT}",${entry.toString()}]`;
}

/**
 * What the library has to be given so that it writes the entry as it is; undefined where no value has that text: `1.0`, a number
 * beyond what a double holds, keys that are numbers and out of order.
 */
export function valueOf(entry: Entry): object | undefined {
  const text = entry.toString();
  try {
    const value = JSON.parse(text) as object;
    return JSON.stringify(value) === text ? value : undefined;
  } catch {
    return undefined;
  }
}
