/** A whole number that the environment may set, as `make fuzz` does. Throws where it is set to something else. */
export function fuzzSetting(
  name: 'FUZZ_STREAMS' | 'FUZZ_ATTACKS' | 'FUZZ_TOKENS' | 'FUZZ_SEED',
  usual: number,
): number {
  const text = process.env[name] ?? String(usual);
  if (!/^\d{1,10}$/.test(text)) throw new TypeError(`${name} is a whole number, not "${text}"`);
  return Number(text);
}
