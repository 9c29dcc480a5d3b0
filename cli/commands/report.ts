import type { Command } from 'commander';

export function addReport(program: Command): void {
  program
    .command('report')
    .description('rebuild the reports beside a result, without running anything')
    .argument('<result.json...>', 'results to report on')
    .addHelpText('after', '\nExample:\n  feedbench report reports/out/latest/result.json')
    .action(async (paths: string[]) => {
      const { report } = await import('../report.ts');
      process.exitCode = report(paths);
    });
}
