const MOST_EDITS = 3;

/** The name that was probably meant, whatever its case; undefined where none is near. */
export function nearest(name: string, names: readonly string[]): string | undefined {
  const distances = names.map((candidate) => ({
    candidate,
    edits: editDistance(name.toLowerCase(), candidate.toLowerCase()),
  }));
  const [best] = distances.toSorted((a, b) => a.edits - b.edits);
  // Half of a short name is another name.
  return best !== undefined && best.edits <= Math.min(MOST_EDITS, best.candidate.length / 2)
    ? best.candidate
    : undefined;
}

/** How many characters must be put in, taken out or changed (Levenshtein). */
export function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let index = 0; index < a.length; index++) {
    const next = [index + 1];
    for (let column = 1; column <= b.length; column++) {
      const change = (row[column - 1] ?? 0) + (b[column - 1] === a[index] ? 0 : 1);
      next.push(Math.min(change, (row[column] ?? 0) + 1, (next[column - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
