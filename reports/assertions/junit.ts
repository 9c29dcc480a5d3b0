import { auditFaults } from '../../scenarios/result/audit-counts.ts';
import { NS_PER_SECOND } from '../../scenarios/units.ts';
import { auditText } from '../report/audit-words.ts';
import type { Row } from '../report/rows.ts';
import type { CheckedRun } from './checked-run.ts';
import type { Judgement } from './judgement.ts';

interface TestCase {
  readonly group: 'assertions' | 'audit';
  readonly name: string;
  readonly seconds: number;
  readonly outcome: Outcome;
}

/** `error`: it could not be told. */
type Outcome =
  | { readonly state: 'passed' }
  | { readonly state: 'failure' | 'error'; readonly type: string; readonly text: string };

/**
 * JUnit XML as CI systems read it: a suite a run, a case an assertion and variant, and one the audit of each trial. What
 * went wrong stands as the attribute and as the text, because some show the one and some the other.
 */
export function renderJunit(runs: readonly CheckedRun[]): string {
  const suites = runs.map((run) => ({ run, cases: casesOf(run) }));
  const all = suites.flatMap(({ cases }) => cases);
  return `<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="feedbench" ${countsOf(all)}>
${suites.map(({ run, cases }) => suiteXml(run, cases)).join('\n')}
</testsuites>
`;
}

function casesOf({ report, judgements }: CheckedRun): TestCase[] {
  return [...judgements.map(assertionCase), ...report.all.map(auditCase)];
}

function assertionCase({ rule, variant, state, text }: Judgement): TestCase {
  const name = `${rule.text} (${variant})`;
  const found = { text: `${variant}: ${text}`, type: rule.kind };
  return { group: 'assertions', name, seconds: 0, outcome: outcomeOf(state, found) };
}

function outcomeOf(state: Judgement['state'], found: { readonly text: string; readonly type: string }): Outcome {
  switch (state) {
    case 'held':
      return { state: 'passed' };
    case 'failed':
      return { state: 'failure', ...found };
    case 'undecided':
      return { state: 'error', ...found };
    default:
      return state satisfies never;
  }
}

function auditCase(row: Row): TestCase {
  const named = { group: 'audit', name: row.label } as const;
  if (row.state === 'failed') {
    const { code, message } = row.trial;
    return { ...named, seconds: 0, outcome: { state: 'error', type: code, text: message } };
  }
  const { audit, wallNs } = row.trial;
  return {
    ...named,
    seconds: wallNs / NS_PER_SECOND,
    outcome:
      auditFaults(audit) === 0
        ? { state: 'passed' }
        : {
            state: 'failure',
            type: 'audit',
            text: `of ${audit.expected.toLocaleString('en-US')} expected messages, ${auditText(audit)}`,
          },
  };
}

function countsOf(cases: readonly TestCase[]): string {
  const count = (state: Outcome['state']): number => cases.filter(({ outcome }) => outcome.state === state).length;
  const seconds = cases.reduce((sum, testCase) => sum + testCase.seconds, 0);
  return `tests="${cases.length}" failures="${count('failure')}" errors="${count('error')}" time="${seconds.toFixed(3)}"`;
}

function suiteXml({ report: { result } }: CheckedRun, cases: readonly TestCase[]): string {
  // Without its zone and below a second, as the schemas have it.
  const startedAt = result.startedAt.slice(0, 'yyyy-mm-ddThh:mm:ss'.length);
  return `  <testsuite name="${escaped(result.workload.name)}" timestamp="${startedAt}" ${countsOf(cases)}>
    <properties><property name="run" value="${escaped(result.id)}"/></properties>
${cases.map((testCase) => caseXml(testCase, result.workload.name)).join('\n')}
  </testsuite>`;
}

function caseXml({ group, name, seconds, outcome }: TestCase, scenario: string): string {
  const head = `    <testcase classname="${escaped(`feedbench.${scenario}.${group}`)}" name="${escaped(name)}" time="${seconds.toFixed(3)}"`;
  if (outcome.state === 'passed') return `${head}/>`;
  const { state, type, text } = outcome;
  return `${head}><${state} type="${escaped(type)}" message="${escaped(text)}">${escaped(text)}</${state}></testcase>`;
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
};

/** XML 1.0 has no way to write these: C0 controls, halves of a pair, two that are no characters. */
const UNWRITABLE = /[\p{Cc}\p{Cs}\u{FFFE}\u{FFFF}]/gu;

function escaped(text: string): string {
  return text
    .replaceAll(UNWRITABLE, (character) => `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`)
    .replaceAll(/[&<>"']/g, (character) => ENTITIES[character] ?? character);
}
