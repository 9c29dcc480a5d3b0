import type { Generator } from './generator.ts';

/** Every generator: its folder and this row. */
export const GENERATORS = {
  native: async (): Promise<Generator> => (await import('./native/generator.ts')).nativeGenerator,
} as const;

export type GeneratorId = keyof typeof GENERATORS;
