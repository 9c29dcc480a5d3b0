import { numbers } from './test-subscriber.ts';

/**
 * Which of the messages 1..`latest` a client should have got that is given the newest of each key, and did not: those that
 * did not come and for which nothing newer of their key came. A message without a key has to come. Empty where all is well.
 */
export function missedBy(
  came: readonly number[],
  { latest, keyOf }: { readonly latest: number; readonly keyOf: (seq: number) => string | undefined },
): number[] {
  const newestOf = new Map<string, number>();
  for (const seq of came) {
    const key = keyOf(seq);
    if (key !== undefined) newestOf.set(key, Math.max(seq, newestOf.get(key) ?? 0));
  }
  return numbers(1, latest).filter((seq) => !came.includes(seq) && (newestOf.get(keyOf(seq) ?? '') ?? 0) < seq);
}
