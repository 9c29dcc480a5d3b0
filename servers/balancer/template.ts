/** What a file for a balancer is filled with. */
export interface BalancerPlace {
  /** Host and port that clients connect to. */
  readonly listen: string;
  /** Host and port of each node. */
  readonly nodes: readonly string[];
  /** Where it may write. */
  readonly folder: string;
  /** A file with the certificate and the key that it shows over TLS; absent: it speaks without. */
  readonly identity?: string;
  /** Stands where it speaks HTTP/2 to clients, as nginx has it; and over TLS what it offers to agree on. Absent: HTTP/1.1 alone. */
  readonly http2?: 'http2';
  readonly alpn?: 'h2,http/1.1';
  /** How many cores it has. */
  readonly workers: number;
  /** How many clients may be connected at once, and how many connections that is, those to nodes among them. */
  readonly clients: number;
  readonly connections: number;
}

/** A part of a line, or lines, that stands only where that word has a value; it may not hold another such part. */
const PART = /\{\{#(\w+)\}\}(.*?)\{\{\/\1\}\}/gs;
const WORD = /\{\{(\w+)\}\}/g;

/**
 * Fills in `{{listen}}` and the other words; a line with `{{node}}` stands once for each node, and `{{number}}` in it
 * counts them from 1. `{{#word}}…{{/word}}` stands only where the word has a value. A word that nobody knows is a mistake of the
 * file: it throws.
 */
export function filledIn(template: string, { nodes, ...place }: BalancerPlace): string {
  const words: Readonly<Record<string, string | number | undefined>> = place;
  return template
    .replaceAll(PART, (_, word: string, part: string) => (words[word] === undefined ? '' : part))
    .split('\n')
    .flatMap((line) =>
      line.includes('{{node}}')
        ? nodes.map((node, at) => [line, { node, number: at + 1 }] as const)
        : [[line, {}] as const],
    )
    .map(([line, own]) => withWords(line, { ...words, ...own }))
    .join('\n');
}

function withWords(line: string, words: Readonly<Record<string, string | number | undefined>>): string {
  return line.replaceAll(WORD, (text, word: string) => {
    const value = words[word];
    if (value === undefined) throw new TypeError(`a balancer's file says ${text}, which nothing stands for`);
    return String(value);
  });
}
