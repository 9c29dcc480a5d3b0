import { execFile, execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const ROOT = dirname(import.meta.dirname);
const MOST_OUTPUT_BYTES = 2 ** 26;

export interface Exit {
  readonly code: number;
  readonly output: string;
}

/** What belongs to the tree, without what was installed or made, in a folder of its own: something may be planted in it. */
export class TreeCopy implements Disposable {
  readonly path = mkdtempSync(join(tmpdir(), 'feedbench-copy-'));

  constructor() {
    const list = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], { cwd: ROOT });
    for (const path of list.toString().split('\0').filter(Boolean)) {
      mkdirSync(dirname(join(this.path, path)), { recursive: true });
      cpSync(join(ROOT, path), join(this.path, path));
    }
    symlinkSync(join(ROOT, 'node_modules'), join(this.path, 'node_modules'));
  }

  read(path: string): string {
    return readFileSync(join(this.path, path), 'utf8');
  }

  write(path: string, text: string): void {
    mkdirSync(dirname(join(this.path, path)), { recursive: true });
    writeFileSync(join(this.path, path), text);
  }

  /** Throws where the file has no such line: what was planted nowhere would seem to change nothing. */
  change(path: string, line: string, planted: (line: string) => string): void {
    const before = this.read(path);
    const after = before.replace(line, planted);
    if (after === before) throw new Error(`${path} has no line "${line}"`);
    this.write(path, after);
  }

  /** With the Node that runs this. */
  async run(words: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Exit> {
    const { promise, resolve } = Promise.withResolvers<Exit>();
    const options = { cwd: this.path, maxBuffer: MOST_OUTPUT_BYTES, env: { ...process.env, REDIS_URL: '', ...env } };
    execFile(process.execPath, [...words], options, (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : Number(error.code), output: `${stdout}${stderr}` }),
    );
    return promise;
  }

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}
