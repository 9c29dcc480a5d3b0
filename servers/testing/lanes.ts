const LANES = 16;

/** Runs `run` for 0..`count` - 1, some at a time; resolves when all have run. */
export async function inLanes(
  count: number,
  run: (index: number) => Promise<void>,
  most: number = LANES,
): Promise<void> {
  let next = 0;
  const lanes = Array.from({ length: most }, async () => {
    for (let index = next++; index < count; index = next++) await run(index);
  });
  await Promise.all(lanes);
}
