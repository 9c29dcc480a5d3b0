/** A number and its unit stay on one line. */
export function unbroken(text: string): string {
  return text.replaceAll(/(?<=[\d≈×]) (?=(?:s|ms|µs|min|B|kB|MB|GB|%|times)(?![\p{L}\d]))/gu, '\u00A0');
}
