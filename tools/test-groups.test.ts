import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { UNHURRIED } from '../vitest.config.ts';

const root = dirname(import.meta.dirname);

test.each(UNHURRIED)('%s runs beside another, so it does not look at real time', (path) => {
  expect(readFileSync(join(root, path), 'utf8')).not.toContain('REAL_TIME');
});
