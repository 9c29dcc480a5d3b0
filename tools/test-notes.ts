import type { Reporter, TestCase } from 'vitest/node';

/** Prints what a green summary hides: each test that had to be tried again, and each one left out with its reason. */
export class TestNotes implements Reporter {
  readonly #retried: string[] = [];
  readonly #skipped = new Map<string, string[]>();

  onTestCaseResult(test: TestCase): void {
    const retries = test.diagnostic()?.retryCount ?? 0;
    if (retries > 0) this.#retried.push(`${nameOf(test)} (${retries}×)`);
    const result = test.result();
    if (result.state !== 'skipped') return;
    const reason = result.note ?? test.meta().skipReason ?? 'no reason given';
    this.#skipped.set(reason, [...(this.#skipped.get(reason) ?? []), nameOf(test)]);
  }

  onTestRunEnd(): void {
    for (const line of this.lines()) console.log(line);
  }

  lines(): string[] {
    return [
      ...this.#retried.map((name) => `retried: ${name}`),
      ...[...this.#skipped].flatMap(([reason, names]) => [`left out, ${reason}:`, ...names.map((name) => `  ${name}`)]),
    ];
  }
}

function nameOf(test: TestCase): string {
  return `${test.module.relativeModuleId} > ${test.fullName}`;
}
