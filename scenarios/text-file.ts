import { readFileSync, statSync } from 'node:fs';

const UTF16_MARKS: ReadonlySet<string> = new Set(['fffe', 'feff']);

/**
 * The text of a file without its byte order mark, as Windows' editors put it in front. Throws a line for whatever else
 * has a path: reading a pipe or a device may never end, and a file larger than `mostBytes` is none of ours.
 */
export function readTextFile(path: string, mostBytes: number): string {
  const stat = statSync(path);
  if (stat.isDirectory()) throw new Error('it is a folder');
  if (!stat.isFile()) throw new Error('it is a pipe or a device, not a file');
  // As those of /proc say they are, some of which never end.
  if (stat.size === 0) throw new Error('it is empty');
  if (stat.size > mostBytes) throw new Error(`it has ${stat.size} bytes, and ${mostBytes} are the most`);
  const bytes = readFileSync(path);
  if (UTF16_MARKS.has(bytes.toString('hex', 0, 2))) throw new Error('it is UTF-16: save it as UTF-8');
  return new TextDecoder().decode(bytes);
}
