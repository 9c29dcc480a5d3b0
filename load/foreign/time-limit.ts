/** What is awaited, or `late` where it takes longer. Nobody else hears what becomes of it then. */
export async function within<T>(ms: number, awaited: Promise<T>): Promise<T | 'late'> {
  const timer = Promise.withResolvers<'late'>();
  const timeout = setTimeout(() => timer.resolve('late'), ms);
  try {
    return await Promise.race([awaited, timer.promise]);
  } finally {
    clearTimeout(timeout);
    awaited.catch(() => undefined);
  }
}
