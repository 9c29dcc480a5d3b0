/** What a terminal would obey, or what would break or turn a line: ECMA-48 control characters, separators, bidi controls. */
const OBEYED = /[\p{Cc}\u2028\u2029\u202A-\u202E\u2066-\u2069]/gu;
const CONTROL_PICTURES = 0x24_00;
const DELETE = 0x7f;

/** `text` as one line that no terminal obeys: `␛` instead of an escape. */
export function visible(text: string): string {
  return text.replaceAll(OBEYED, (character) => pictureOf(character.codePointAt(0) ?? 0));
}

/** As `visible`, of text that has lines. */
export function visibleLines(text: string): string {
  return text.split('\n').map(visible).join('\n');
}

function pictureOf(code: number): string {
  if (code < 0x20) return String.fromCodePoint(CONTROL_PICTURES + code);
  if (code === DELETE) return '␡';
  return `<U+${code.toString(16).toUpperCase().padStart(4, '0')}>`;
}
