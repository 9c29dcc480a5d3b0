import { basename } from 'node:path';
import { loadWorkload, workloadNames } from '../../scenarios/feed/workload.ts';
import { dimension, DIMENSION_IDS } from '../../scenarios/dimensions.ts';
import { ABILITIES, ABILITY_IDS } from '../../servers/abilities.ts';
import { BACKPLANE_IDS, type BackplaneId, backplaneRow, limitOf } from '../../servers/backplanes.ts';
import { BALANCER_IDS, type BalancerId, BALANCERS } from '../../servers/balancers.ts';
import { TRANSPORT_IDS, transportRow, TRANSPORTS } from '../../servers/registry.ts';
import { GENERATORS } from '../../load/registry.ts';
import { type NamedLine, section } from '../lines.ts';
import { exitCodeOfPrinting, printText } from '../terminal.ts';

/** Prints everything a user can name, a line each; returns the exit code. */
export async function list(): Promise<number> {
  printText(listText());
  return exitCodeOfPrinting();
}

function listText(): string {
  return [
    section(
      'Scenarios',
      workloadNames().map((name): NamedLine => [name, loadWorkload(name).description]),
    ),
    section(
      'Transports',
      Object.entries(TRANSPORTS).map(([id, row]): NamedLine => [namesOf(id, row.aliases), row.summary]),
    ),
    section(
      'Backplanes',
      BACKPLANE_IDS.map((id): NamedLine => [id, backplaneText(id)]),
    ),
    section(
      'Balancers',
      BALANCER_IDS.map((id): NamedLine => [id, balancerText(id)]),
    ),
    section(
      'Generators',
      Object.entries(GENERATORS).map(([id, row]): NamedLine => [id, row.summary]),
    ),
    section(
      'Dimensions (several values multiply)',
      DIMENSION_IDS.map(dimension).map(({ option, summary }): NamedLine => [`--${option}`, summary]),
    ),
    ...choices(),
    ...exemptions(),
  ].join('\n\n');
}

function backplaneText(id: BackplaneId): string {
  const limit = limitOf(id);
  return limit === undefined ? backplaneRow(id).summary : `${backplaneRow(id).summary}; ${limit}`;
}

function balancerText(id: BalancerId): string {
  const { label, files } = BALANCERS[id];
  const names = Object.values(files).map((file) => basename(file.pathname));
  return `${label}, set up by servers/balancer/${names.join(' or ')}`;
}

/** The values of each dimension that has so few that they have names. */
function choices(): string[] {
  return DIMENSION_IDS.map(dimension).flatMap(({ option, values }) =>
    values.kind === 'choice' ? [section(`Values of --${option}`, Object.entries(values.of))] : [],
  );
}

/** What clients of a transport cannot do. */
function exemptions(): string[] {
  const rows = TRANSPORT_IDS.map(transportRow).flatMap(({ label, exemptions: reasons = {} }) =>
    ABILITY_IDS.flatMap((id): NamedLine[] => {
      const { [id]: reason } = reasons;
      return reason === undefined ? [] : [[label, `no client ${ABILITIES[id]}: ${reason}`]];
    }),
  );
  return [section('What clients of a transport cannot do', rows)];
}

function namesOf(id: string, aliases: readonly string[]): string {
  return [id, ...aliases].join(', ');
}
