import { FAILURES } from '../scenarios/failures.ts';
import { loadWorkload, workloadNames } from '../scenarios/feed/workload.ts';
import { BACKPLANES, HEADER_PROFILE_IDS, headerProfile, TRANSPORTS } from '../servers/registry.ts';
import { GENERATORS } from '../load/registry.ts';

type Line = readonly [name: string, text: string];

/** Everything a user can name, a line each. */
export function listText(): string {
  return [
    section(
      'Scenarios',
      workloadNames().map((name): Line => [name, loadWorkload(name).description]),
    ),
    section(
      'Transports',
      Object.entries(TRANSPORTS).map(([id, row]): Line => [namesOf(id, row.aliases), row.summary]),
    ),
    section(
      'Backplanes',
      Object.entries(BACKPLANES).map(([id, row]): Line => [id, row.summary]),
    ),
    section(
      'Generators',
      Object.entries(GENERATORS).map(([id, row]): Line => [id, row.summary]),
    ),
    section(
      'Header profiles',
      HEADER_PROFILE_IDS.map((id): Line => [id, headerProfile(id).summary]),
    ),
  ].join('\n\n');
}

/** The exit codes by their number, as `--help` and the README tell them. */
export function exitCodeText(): string {
  const lines = Object.entries(FAILURES).map(
    ([code, { exitCode, meaning }]): Line => [String(exitCode), `${meaning} (${code})`],
  );
  return section('Exit codes', [
    ['0', 'everything that was asked for was measured, and every audit was clean'],
    ...lines,
  ]);
}

function namesOf(id: string, aliases: readonly string[]): string {
  return [id, ...aliases].join(', ');
}

function section(title: string, lines: readonly Line[]): string {
  const width = Math.max(...lines.map(([name]) => name.length));
  return [`${title}:`, ...lines.map(([name, text]) => `  ${name.padEnd(width)}  ${text}`)].join('\n');
}
