import type { TimeBins } from '../../scenarios/measures/recording.ts';

export type YardstickCommand = { readonly kind: 'record'; readonly bins: TimeBins } | { readonly kind: 'report' };

export type YardstickReport = { readonly kind: 'ready' } | { readonly kind: 'measured'; readonly perBinNs: PerBin };

/** The median time of the fixed work in each bin; null where it never ran. */
export type PerBin = readonly (number | null)[];
