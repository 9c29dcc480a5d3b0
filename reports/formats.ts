import { renderPage } from './page.ts';
import type { Place } from './html/place.ts';
import type { Report } from './report/report.ts';
import { renderSummaryCsv } from './summary-csv.ts';

interface Format {
  readonly file: string;
  readonly render: (report: Report, place: Place) => string;
}

/**
 * What is written beside every result file, the small ones first: a disk that fills up takes no more than it must. The
 * page is the one that people are sent to.
 */
export const FORMATS = {
  csv: { file: 'summary.csv', render: renderSummaryCsv },
  html: { file: 'index.html', render: renderPage },
} as const satisfies Record<string, Format>;
