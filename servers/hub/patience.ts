/** What comes in time; undefined where it does not, or fails. */
export async function inTime<T>(answer: Promise<T>, mostMs: number): Promise<T | undefined> {
  const late = Promise.withResolvers<undefined>();
  const patience = setTimeout(() => late.resolve(undefined), mostMs);
  const came = await Promise.race([answer.catch(() => undefined), late.promise]);
  clearTimeout(patience);
  return came;
}
