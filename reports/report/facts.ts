import type { Result } from '../../scenarios/result/result.ts';
import { formatBytes, significant } from '../../scenarios/units.ts';

type Fact = Result['environment'][string];

/** What a result says of where it was made, in words. `name` is the key of its environment. */
export function factText(name: string, value: Fact): string {
  if (value === null) return 'not known';
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (typeof value === 'string') return value;
  if (name.endsWith('Bytes')) return formatBytes(value);
  return Number.isInteger(value) ? value.toLocaleString('en-US') : significant(value);
}

/** `loadAverageBefore` to `load average before`, and the unit goes to the value; names with dots are the kernel's own. */
export function factName(name: string): string {
  if (name.includes('.')) return name;
  return name.replace(/Bytes$/, '').replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}
