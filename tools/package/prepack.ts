import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { BUILT, buildTree } from './build.ts';

const ROOT = dirname(dirname(import.meta.dirname));
const { files } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { files: string[] };

buildTree({ root: ROOT, entries: ['cli/cli.ts'], beside: ['package.json', ...files] }, join(ROOT, BUILT));
