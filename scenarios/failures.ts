import { AUDIT_COUNTS, FAULT_IDS } from './result/audit-counts.ts';

/** `messages were lost or foreign`. Not by Intl, which a generator with a runtime of its own may not have. */
const FAULT_WORDS = [...new Set(FAULT_IDS.map((id) => AUDIT_COUNTS[id].unit))]
  .map((unit) => {
    const labels = FAULT_IDS.filter((id) => AUDIT_COUNTS[id].unit === unit).map((id) => AUDIT_COUNTS[id].label);
    return `${unit} were ${labels.join(', ').replace(/, (?=\w+$)/, ' or ')}`;
  })
  .join('; ');

/**
 * What the world can do wrong: a stable code, the exit code a script can rely on, and what it means. The exit codes in
 * `feedbench --help` are made from it.
 */
export const FAILURES = {
  usage: { exitCode: 2, meaning: 'an option, a value or a workload file is wrong' },
  adapter: { exitCode: 2, meaning: 'an adapter cannot be loaded, or does not do its part' },
  'missing-program': { exitCode: 3, meaning: 'a program that was asked for is not installed' },
  'port-in-use': { exitCode: 3, meaning: 'the port or address cannot be bound' },
  unwritable: { exitCode: 3, meaning: 'the output folder or file cannot be written' },
  'disk-full': { exitCode: 3, meaning: 'no space left where results or the output go' },
  'too-few-descriptors': { exitCode: 3, meaning: 'the limit of open files is too low for the clients asked for' },
  'too-few-ports': { exitCode: 3, meaning: 'fewer ports than the clients asked for need' },
  'link-unavailable': { exitCode: 3, meaning: 'a link with delay, rate or loss was asked for and cannot be made' },
  unreadable: { exitCode: 3, meaning: 'a file cannot be read, or is not what it should be' },
  unmergeable: { exitCode: 3, meaning: 'outputs of several k6 do not belong together' },
  'node-not-ready': { exitCode: 4, meaning: 'a server node did not come up' },
  'balancer-not-ready': { exitCode: 4, meaning: 'the balancer did not come up' },
  'redis-lost': { exitCode: 4, meaning: 'Redis cannot be reached or stopped answering' },
  'process-died': { exitCode: 4, meaning: 'a process of the trial ended by itself' },
  'target-unreachable': { exitCode: 4, meaning: 'a server of your own cannot be reached, or breaks off' },
  'target-refused': { exitCode: 4, meaning: 'a server of your own wants no more load, or none of these clients' },
  'ramp-failed': { exitCode: 4, meaning: 'the clients could not all connect' },
  incomplete: { exitCode: 4, meaning: 'of a run on several hosts some is missing: the report has the rest' },
  'fault-failed': { exitCode: 4, meaning: 'what was to happen to the servers could not be made to happen' },
  'trial-stalled': { exitCode: 4, meaning: 'a trial did not end in its time' },
  audit: { exitCode: 5, meaning: FAULT_WORDS },
  assertion: { exitCode: 6, meaning: 'an assertion, or a rule of --fail-if, does not hold or cannot be judged' },
  calibration: {
    exitCode: 7,
    meaning: 'the intervals of a calibration left out the truth more often than chance allows',
  },
  interrupted: { exitCode: 130, meaning: 'stopped by Ctrl-C; what was measured is kept and marked partial' },
} as const satisfies Record<string, { exitCode: number; meaning: string }>;

export type FailureCode = keyof typeof FAILURES;

/** What others say can have line breaks, and control characters that a terminal would obey. */
const CONTROL_CHARACTERS = /[\s\p{Cc}]*\p{Cc}[\s\p{Cc}]*/gu;

/** Something outside went wrong; `message` is one line that says what, and what to do. */
export class Failure extends Error {
  override readonly name = 'Failure';
  readonly code: FailureCode;

  constructor(code: FailureCode, message: string, options?: ErrorOptions) {
    super(message.replaceAll(CONTROL_CHARACTERS, ' '), options);
    this.code = code;
  }

  get exitCode(): number {
    return FAILURES[this.code].exitCode;
  }
}

/** The operating system's code (`ENOSPC`, `EADDRINUSE`, …) of a thrown value, or undefined. */
export function systemErrorCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

export function errorMessage(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
