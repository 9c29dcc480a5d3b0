import { crc32 } from 'node:zlib';

/** A CRC-32 has so many bits. */
const BITS = 32;

/**
 * How the CRC-32 of a text goes on over `behind`, whatever comes before it: the CRC-32 of `behind` alone, and for each bit of the one
 * before what it changes in the result. A CRC is linear, so of any other it is the first with those of its bits that are set, by
 * exclusive or; that is nothing to whoever has no checksum at hand, and `behind` may be long.
 */
export function crcSteps(behind: string): readonly number[] {
  const bytes = Buffer.from(behind);
  const alone = crc32(bytes);
  return [alone, ...Array.from({ length: BITS }, (_, bit) => (crc32(bytes, 2 ** bit) ^ alone) >>> 0)];
}
