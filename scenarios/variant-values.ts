import { z } from 'zod';
import { wrongValue } from './dimensions.ts';

/** Values by dimension, of those alone that a variant has; a dimension that is not known may have any. */
export const variantValuesSchema = z
  .record(z.string(), z.union([z.string(), z.number()]))
  .superRefine((values, context) => {
    const problem = wrongValue(values);
    if (problem !== undefined) context.addIssue({ code: 'custom', ...problem });
  });

export const variantSchema = z.strictObject({
  transport: z.string(),
  backplane: z.string(),
  /** By dimension; of those alone that the variant has. `scenarios/dimensions.ts` tells what they mean. */
  values: variantValuesSchema,
});
