/** The words that would make this run again. */
export function commandText(): string {
  return ['feedbench', ...process.argv.slice(2)].join(' ');
}
