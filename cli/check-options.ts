import { type Command, Option } from 'commander';
import type { Assertion, Regression } from '../reports/assertions/rule.ts';
import { TRANSPORT_IDS, transportRow } from '../servers/registry.ts';

/** What a user wants to hold, and where to say what came of it. */
export interface CheckChoices {
  readonly assertions: readonly Assertion[];
  readonly junit: string | undefined;
  readonly markdown: string | undefined;
}

/** As commander gives them. */
export interface CheckOptions {
  readonly assert?: readonly string[];
  readonly junit?: string;
  readonly markdown?: string;
}

/** Throws `usage` for an assertion that is none. Who reads them is loaded when they are needed: it knows the reports. */
export async function checkChoices({ assert = [], junit, markdown }: CheckOptions): Promise<CheckChoices> {
  const { parseAssertion } = await import('../reports/assertions/rule.ts');
  return { assertions: assert.map((text) => parseAssertion(text, aliases())), junit, markdown };
}

/** The same for rules of --fail-if. */
export async function regressionsOf(rules: readonly string[]): Promise<Regression[]> {
  const { parseRegression } = await import('../reports/assertions/rule.ts');
  return rules.map((text) => parseRegression(text, aliases()));
}

function aliases(): ReadonlyMap<string, string> {
  return new Map(TRANSPORT_IDS.flatMap((id) => transportRow(id).aliases.map((alias) => [alias, id] as const)));
}

/** The options of verbs that end with a result. */
export function addChecks(command: Command): Command {
  return command
    .addOption(
      new Option(
        '--assert <rules>',
        "what must hold, such as 'websocket.staleness.p99 < 20ms'; several with commas between, or the option again",
      ).argParser(addWords),
    )
    .option('--junit <file>', 'write JUnit XML: a case an assertion and the audit of each trial')
    .option('--markdown <file>', 'write a summary for a pull request');
}

export function failIfOption(): Option {
  return new Option(
    '--fail-if <rules>',
    "a change of the last against the first that fails, such as 'websocket.staleness.p99 > +10%'; several as with --assert",
  ).argParser(addWords);
}

/** Adds to what an option before it has said. */
function addWords(text: string, before: readonly string[] = []): string[] {
  return [...before, ...text.split(',').map((rule) => rule.trim())];
}
