import { visible } from './visible.ts';

export type NamedLine = readonly [name: string, text: string];

/** A heading, and below it names with what they mean, in two columns. */
export function section(title: string, lines: readonly NamedLine[]): string {
  const width = Math.max(...lines.map(([name]) => name.length));
  return [`${title}:`, ...lines.map(([name, text]) => `  ${name.padEnd(width)}  ${visible(text)}`)].join('\n');
}
