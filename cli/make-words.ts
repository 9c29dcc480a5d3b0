import type { Command, Option } from 'commander';
import { Failure } from '../scenarios/failures.ts';
import { BALANCER_IDS, BALANCERS } from '../servers/balancers.ts';
import { BACKPLANES } from '../servers/backplanes.ts';
import { GENERATORS, generatorRow } from '../load/registry.ts';
import { nearest } from './nearest.ts';

/**
 * What the Makefile calls: `make bench SCENARIO=ticker CLIENTS=500` becomes `feedbench make bench SCENARIO=ticker
 * CLIENTS=500`, and that is `feedbench run ticker --clients 500`. So the options of a verb are its variables, and the
 * Makefile keeps no list of them.
 */
export const MAKE = 'make';

/** The targets that call a verb, and the words that stand for a target beside it. */
const TARGETS: Readonly<Record<string, { readonly verb: string; readonly words?: readonly string[] }>> = {
  bench: { verb: 'run' },
  'bench-full': { verb: 'run', words: ['--everything'] },
  plan: { verb: 'plan' },
  ceiling: { verb: 'ceiling' },
  calibrate: { verb: 'calibrate' },
  claims: { verb: 'claims' },
  serve: { verb: 'serve' },
  race: { verb: 'race' },
  list: { verb: 'list' },
};

interface Variable {
  readonly name: string;
  readonly words: (value: string) => readonly string[];
}

/** The words of a verb that a target with variables stands for. Throws `usage` where there is no such variable. */
export function verbWords(program: Command, [target = '', ...assignments]: readonly string[]): string[] {
  const verb = verbOf(program, target);
  const variables = variablesOf(verb);
  const words = assignments.flatMap((assignment) => {
    const at = assignment.indexOf('=');
    const name = assignment.slice(0, at);
    const variable = variables.find((candidate) => candidate.name === name);
    if (variable === undefined) throw unknownVariable(target, name, variables);
    const value = assignment.slice(at + 1);
    return value === '' ? [] : variable.words(value);
  });
  return [verb.name(), ...(TARGETS[target]?.words ?? []), ...words];
}

/** A line for each target that takes variables, for `make help`. */
export function makeHelpText(program: Command): string {
  const lines = Object.keys(TARGETS).flatMap((target) => {
    const names = variablesOf(verbOf(program, target)).map(({ name }) => name);
    return names.length === 0 ? [] : [`  make ${target} takes ${names.join(' ')}`];
  });
  return lines.join('\n');
}

/**
 * What of `tools/setup.sh` a verb with these words needs. Throws as the verb would where a value or a scenario is wrong:
 * better before something is installed for it than after.
 */
export async function setUpWords(program: Command, [name = '', ...words]: readonly string[]): Promise<string[]> {
  const verb = program.commands.find((command) => command.name() === name);
  const scenarios = verb?.parseOptions([...words]).operands ?? [];
  if (scenarios.length > 0) {
    const { loadWorkload } = await import('../scenarios/feed/workload.ts');
    for (const scenario of scenarios) loadWorkload(scenario);
  }
  const options: ChosenRows = verb?.opts() ?? {};
  // A verb that has no choice of backplanes has the one that lies in memory.
  const hasBackplanes = verb?.options.some((option) => option.attributeName() === 'backplane') ?? false;
  const needsRedis = hasBackplanes && idsIn(options.backplane, BACKPLANES).some((id) => BACKPLANES[id].needsRedis);
  const generators = options.generator === undefined ? [] : idsIn(options.generator, GENERATORS);
  const programs = generators.flatMap((id) => generatorRow(id).program?.setUp ?? []);
  const balancers = BALANCER_IDS.filter((id) => options.balancer?.includes(id) === true);
  return [
    ...(needsRedis && (process.env['REDIS_URL'] ?? '') === '' ? ['redis'] : []),
    ...balancers.map((id) => BALANCERS[id].setUp),
    ...programs,
  ];
}

interface ChosenRows {
  readonly backplane?: string | readonly string[];
  readonly generator?: readonly string[];
  readonly balancer?: readonly string[];
}

/** All rows where none was chosen. */
function idsIn<Id extends string>(
  chosen: string | readonly string[] | undefined,
  rows: Readonly<Record<Id, object>>,
): Id[] {
  const ids = Object.keys(rows) as Id[];
  return chosen === undefined ? ids : ids.filter((id) => [chosen].flat().includes(id));
}

function verbOf(program: Command, target: string): Command {
  const verb = program.commands.find((command) => command.name() === TARGETS[target]?.verb);
  if (verb !== undefined) return verb;
  throw new Failure('usage', `make ${target} calls no verb; there are ${Object.keys(TARGETS).join(', ')}`);
}

function variablesOf(verb: Command): Variable[] {
  const [argument] = verb.registeredArguments;
  const list: Variable[] =
    argument === undefined ? [] : [{ name: upperCase(argument.name()), words: (value) => value.split(',') }];
  return [...list, ...verb.options.map(optionVariable)];
}

/** `WARM_UP=3s` is `--warm-up 3s`; where an option takes no value, `SECURE=1` is `--secure`. */
function optionVariable(option: Option): Variable {
  const long = option.long ?? '';
  const takesValue = option.required || option.optional;
  return {
    name: upperCase(long.slice(2)),
    words: (value) => {
      if (takesValue) return [long, value];
      return /^(?:0|no|false)$/i.test(value) ? [] : [long];
    },
  };
}

function upperCase(name: string): string {
  return name.toUpperCase().replaceAll('-', '_');
}

function unknownVariable(target: string, name: string, variables: readonly Variable[]): Failure {
  const names = variables.map((variable) => variable.name);
  const meant = nearest(name, names);
  const hint = meant === undefined ? '' : ` Did you mean ${meant}?`;
  const known = names.length === 0 ? 'takes no variables' : `takes ${names.join(', ')}`;
  return new Failure('usage', `make ${target} ${known}, not ${name}.${hint}`);
}
