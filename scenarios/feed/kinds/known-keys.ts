import { z } from 'zod';

/** An object with these keys alone: of another one it is said which there are. */
export function knownKeys<Shape extends z.ZodRawShape>(shape: Shape): z.ZodObject<Shape, z.core.$strict> {
  return z.strictObject(shape, {
    error: (issue) =>
      issue.code === 'unrecognized_keys'
        ? `there is no ${issue.keys.map((key) => `"${key}"`).join(' or ')}; there are ${Object.keys(shape).join(', ')}`
        : undefined,
  });
}

/** What an object may be that is one of several kinds; of another kind it is said which there are. */
export function oneOfKinds(kinds: readonly string[]): { error: (issue: z.core.$ZodRawIssue) => string | undefined } {
  return {
    error: ({ code, input }) =>
      code === 'invalid_union' && typeof input === 'object' && input !== null
        ? `there is no such kind; there are ${kinds.join(', ')}`
        : undefined,
  };
}
