import { renderPage } from './page.ts';
import type { Report } from './report/report.ts';
import { renderSummaryCsv } from './summary-csv.ts';

interface Format {
  readonly file: string;
  readonly render: (report: Report) => string;
}

/** What is written beside every result file. The page is the one that people are sent to. */
export const FORMATS = {
  html: { file: 'index.html', render: renderPage },
  csv: { file: 'summary.csv', render: renderSummaryCsv },
} as const satisfies Record<string, Format>;
