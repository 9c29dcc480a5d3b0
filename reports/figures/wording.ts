/** `a`, `a and b`, `a, b and c`. */
export function listOf(items: readonly string[]): string {
  if (items.length < 2) return items.join('');
  return `${items.slice(0, -1).join(', ')} and ${items.at(-1)}`;
}

/** `1 client`, `2,000 clients`. */
export function countOf(amount: number, noun: string): string {
  return `${amount.toLocaleString('en-US')} ${noun}${amount === 1 ? '' : 's'}`;
}

/** `2026-11-24 22:39 UTC` of an ISO date. */
export function momentText(iso: string): string {
  return `${iso.slice(0, 10)} ${iso.slice(11, 16)} UTC`;
}

export function percentText(share: number, decimals = 1): string {
  return `${(share * 100).toFixed(decimals)} %`;
}

/** `+12.3 %`, `−4.0 %`; what rounds to nothing has no sign. */
export function signedPercent(share: number): string {
  const text = percentText(Math.abs(share));
  return text === percentText(0) ? text : `${share < 0 ? '−' : '+'}${text}`;
}

export function distinct<T>(items: readonly T[]): T[] {
  return [...new Set(items)];
}

/** `3 s` for a time that somebody chose; `3.00 s` would pretend that it was measured. */
export function chosen(text: string): string {
  return text.replace(/\.0+(?=\D|$)/, '');
}

/** `1.62 to 1.76 ms`: a unit that both have stands once. */
export function rangeText(low: string, high: string): string {
  const [, number = low, unit = ''] = /^(\S+) (\D+)$/.exec(low) ?? [];
  return unit !== '' && high.endsWith(` ${unit}`) ? `${number} to ${high}` : `${low} to ${high}`;
}
