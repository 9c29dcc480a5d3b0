import { type Command, Option } from 'commander';
import { type Assertion, parseAssertion, parseRegression, type Regression } from '../reports/assertions/rule.ts';
import { TRANSPORT_IDS, transportRow } from '../servers/registry.ts';

/** What a user wants to hold, and where to say what came of it. */
export interface CheckChoices {
  readonly assertions: readonly Assertion[];
  readonly junit: string | undefined;
  readonly markdown: string | undefined;
}

/** As commander gives them. */
export interface CheckOptions {
  readonly assert?: readonly Assertion[];
  readonly junit?: string;
  readonly markdown?: string;
}

export function checkChoices({ assert = [], junit, markdown }: CheckOptions): CheckChoices {
  return { assertions: assert, junit, markdown };
}

/** The options of verbs that end with a result. */
export function addChecks(command: Command): Command {
  return command
    .addOption(
      new Option(
        '--assert <rules>',
        "what must hold, such as 'websocket.staleness.p99 < 20ms'; several with commas between, or the option again",
      ).argParser(parseRules(parseAssertion)),
    )
    .option('--junit <file>', 'write JUnit XML: a case an assertion and the audit of each trial')
    .option('--markdown <file>', 'write a summary for a pull request');
}

export function failIfOption(): Option {
  return new Option(
    '--fail-if <rules>',
    "a change against the first that fails, such as 'websocket.staleness.p99 > +10%'; several as with --assert",
  ).argParser(parseRules<Regression>(parseRegression));
}

/** Adds to what an option before it has said. */
function parseRules<R>(
  parse: (text: string, aliases: ReadonlyMap<string, string>) => R,
): (text: string, before: readonly R[] | undefined) => R[] {
  const aliases = new Map(TRANSPORT_IDS.flatMap((id) => transportRow(id).aliases.map((alias) => [alias, id] as const)));
  return (text, before = []) => [...before, ...text.split(',').map((rule) => parse(rule.trim(), aliases))];
}
