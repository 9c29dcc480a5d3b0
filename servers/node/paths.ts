/** What stands at the paths of a node; a path that ends in a slash stands for all that is below it, too. */
export class Paths<T> {
  readonly #rows = new Map<string, T>();

  set(path: string, what: T): void {
    this.#rows.set(path, what);
  }

  own(path: string): T | undefined {
    return this.#rows.get(path);
  }

  /** Of the target of a request, with its query or without. */
  at(target: string): T | undefined {
    const path = pathOf(target);
    return this.own(path) ?? [...this.#rows].find(([above]) => isBelow(path, above))?.[1];
  }

  get all(): string[] {
    return [...this.#rows.keys()];
  }
}

/** The root is no place for all. */
function isBelow(path: string, above: string): boolean {
  return above !== '/' && above.endsWith('/') && path.startsWith(above);
}

export function pathOf(target: string): string {
  return target.split('?', 1)[0] ?? '';
}
