import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { FORMATS } from './formats.ts';
import { readResult } from './read-result.ts';
import { buildReport } from './report/report.ts';
import { terminalTable } from './terminal-table.ts';
import {
  decodeHistogram,
  type FileResult,
  figuresOfTrial,
  geometricMean,
  groupsOfFile,
  isInWholeBlock,
} from './testing/independent-figures.ts';
import { sampleCampaign } from './testing/sample-campaign.ts';
import { parseResult, type Result } from '../scenarios/result/result.ts';

type FileTrial = FileResult['trials'][number];

const FIXTURES = join(import.meta.dirname, '../scenarios/result/fixtures');

/** As text, which the second reading takes, and as feedbench reads it. */
const FILES: Readonly<Record<string, { text: string; result: Result }>> = {
  'a campaign': ofResult(sampleCampaign({ variants: 10, isHalfDone: true, hasFailed: true })),
  'a real run': {
    text: readFileSync(join(FIXTURES, 'result-2-ticker.json'), 'utf8'),
    result: readResult(join(FIXTURES, 'result-2-ticker.json')),
  },
};

function ofResult(result: Result): { text: string; result: Result } {
  const text = JSON.stringify(result);
  const parsed = parseResult(JSON.parse(text));
  if (typeof parsed === 'string') throw new TypeError(parsed);
  return { text, result: parsed };
}

const UNITS: Readonly<Record<string, number>> = {
  µs: 1e3,
  ms: 1e6,
  s: 1e9,
  B: 1,
  kB: 1e3,
  MB: 1e6,
  GB: 1e9,
  '%': 0.01,
  // Counted things.
  '': 1,
};

interface Shown {
  readonly value: number;
  /** Half of its last digit. */
  readonly slack: number;
}

/** `≈ 1.02 ms`, `1,320 B`; `1.01` with the unit that stands behind another number. */
function readNumber(text: string, otherUnit = ''): Shown {
  const match = /^(?:≈\s*)?([\d,]+)(?:\.(\d+))?(?:\s(\S+))?$/.exec(text.trim());
  if (match === null) throw new Error(`no figure: "${text}"`);
  const [, whole = '', decimals = '', unit = otherUnit] = match;
  const size = UNITS[unit];
  if (size === undefined) throw new Error(`no unit: "${text}"`);
  return {
    value: Number(`${whole.replaceAll(',', '')}.${decimals || '0'}`) * size,
    slack: 0.5000001 * 10 ** -decimals.length * size,
  };
}

function readRange(text: string): [Shown, Shown] {
  const [low = '', high = ''] = text.split(/ to |–/);
  const unit = /\s(\S+)$/.exec(high)?.[1] ?? '';
  return [readNumber(low, unit), readNumber(high)];
}

function expectShown(what: string, shown: Shown, own: number | undefined): void {
  const off = own === undefined ? Number.NaN : Math.abs(shown.value - own);
  expect([what, shown.value, own, off <= shown.slack]).toEqual([what, shown.value, own, true]);
}

interface Expected {
  readonly group: readonly FileTrial[];
  readonly counting: readonly FileTrial[];
}

/** Which of two attempts counts hangs on the machine's counters, so the CSV is asked; that it is one of them is held here. */
function expectedGroups(file: FileResult, csv: readonly CsvRow[]): Expected[] {
  return groupsOfFile(file).map((group) => {
    const counting = group.filter((trial) =>
      csv.some((row) => row['counts'] === '1' && row['metric'] === 'failed' && isOf(row, trial)),
    );
    const usable = group.filter((trial) => trial.state === 'measured' && isInWholeBlock(file, trial));
    expect(counting.map(({ trial }) => trial)).toEqual(
      [...new Set(usable.map(({ trial }) => trial))].toSorted((a, b) => a - b),
    );
    return { group, counting };
  });
}

type CsvRow = Readonly<Record<string, string>>;

function readCsv(text: string): CsvRow[] {
  const cellsOf = (line: string): string[] =>
    [...`,${line}`.matchAll(/,(?:"((?:[^"]|"")*)"|([^",]*))/g)].map(([, quoted, plain]) => quoted ?? plain ?? '');
  const [head = '', ...lines] = text.trimEnd().split('\n');
  const names = cellsOf(head);
  return lines.map((line) => Object.fromEntries(cellsOf(line).map((cell, place) => [names[place] ?? '', cell])));
}

function isOf(row: CsvRow, { variant, clients, generator, trial, copy = false, attempt = 1 }: FileTrial): boolean {
  const shape = variant.values['shape'] ?? 'n/a';
  return (
    [row['transport'], row['backplane'], row['generator'], row['shape']].join(' ') ===
      [variant.transport, variant.backplane, generator, shape].join(' ') &&
    [row['clients'], row['trial'], row['copy'], row['attempt']].join(' ') ===
      [clients, trial, Number(copy), attempt].join(' ')
  );
}

/** Rows of the page's table: what a variant's cells and those of its trials say, by column. */
function readPage(page: string): { key: string; cells: Map<string, string>; trials: Map<string, string>[] }[] {
  const part = /id="variants"[\s\S]*?<\/table>/.exec(page)?.[0] ?? '';
  return [...part.matchAll(/<tbody data-group="([^"]*)">([\s\S]*?)<\/tbody>/g)].map(([, key = '', body = '']) => {
    const [cells = new Map<string, string>(), ...trials] = [...body.matchAll(/<tr[^>]*>([\s\S]*?)<\/tr>/g)].map(
      ([, row = '']) =>
        new Map(
          [...row.matchAll(/<td[^>]*data-label="([^"]*)"[^>]*>([\s\S]*?)<\/td>/g)].map(([, label = '', cell = '']) => [
            label,
            cell,
          ]),
        ),
    );
    return { key, cells, trials };
  });
}

function textOf(markup: string): string {
  return markup.replaceAll(/<[^>]*>/g, '').replaceAll('\u00a0', ' ');
}

function isKeyOf(key: string, { variant, generator, clients, copy = false }: FileTrial): boolean {
  const nodes = Number(variant.values['nodes']);
  const [path = '', ...rest] = key.split(' ');
  const [transport, backplane, ...options] = path.split('/');
  return (
    transport === variant.transport &&
    backplane === variant.backplane &&
    options.includes(`nodes=${nodes}`) === nodes > 1 &&
    rest.join(' ') === [generator, clients, ...(copy ? ['copy'] : [])].join(' ')
  );
}

describe.each(Object.entries(FILES))('of %s', (_name, { text, result }) => {
  const file = JSON.parse(text) as FileResult;
  const report = buildReport(result);
  const csv = readCsv(FORMATS.csv.render(report));
  const expected = expectedGroups(file, csv);
  const known = expected.filter(({ counting, group }) => counting.length > 0 && group[0]?.copy !== true);

  /** Of the trials that count; of empty polls all of them together. */
  function ownOf({ counting }: Expected, label: string): { centre: number; low: number; high: number } {
    const all = counting.map((trial) => figuresOfTrial(trial));
    const own = all.map((figures) => figures[label] ?? Number.NaN);
    const asked = all.reduce((sum, { answers = 0 }) => sum + answers, 0);
    const mean = own.reduce((sum, value) => sum + value, 0) / own.length;
    const empty = all.reduce((sum, figures) => sum + Number(figures['empty polls']) * Number(figures['answers']), 0);
    const others = new Map([
      ['empty polls', empty / asked],
      ['connections', mean],
      ['deliveries per second', mean],
    ]);
    const centre = others.get(label) ?? geometricMean(own);
    return { centre, low: Math.min(...own), high: Math.max(...own) };
  }

  test('every figure of the variants on the page', () => {
    const rows = readPage(FORMATS.html.render(report, {}));
    expect(rows).toHaveLength(expected.filter(({ group }) => group[0]?.copy !== true).length);
    let compared = 0;
    for (const one of known) {
      const row = rows.find(({ key }) => one.group.some((trial) => isKeyOf(key, trial)));
      for (const [label, markup] of row?.cells ?? []) {
        const [centre = ''] = markup.split('<small');
        const range = /<small>([\s\S]*?)<\/small>/.exec(markup)?.[1];
        const shown = textOf(centre);
        if (shown === '–' || shown === 'n/a') continue;
        const own = ownOf(one, label);
        expectShown(`${row?.key} ${label}`, readNumber(shown), own.centre);
        if (range !== undefined) {
          const [low, high] = readRange(textOf(range));
          expectShown(`${row?.key} ${label}, lowest`, low, own.low);
          expectShown(`${row?.key} ${label}, highest`, high, own.high);
        }
        compared += 1;
      }
    }
    expect(compared).toBeGreaterThanOrEqual(7 * known.length);
  });

  test('every figure of every trial on the page', () => {
    const rows = readPage(FORMATS.html.render(report, {}));
    for (const { group } of expected.filter((one) => one.group[0]?.copy !== true && one.group.length > 1)) {
      const row = rows.find(({ key }) => group.some((trial) => isKeyOf(key, trial)));
      expect(row?.trials).toHaveLength(group.length);
      const shown = (row?.trials ?? []).flatMap((cells, place) => shownOfTrial(group[place], cells));
      for (const { label, markup, own } of shown) expectShown(`${row?.key} ${label}`, readNumber(textOf(markup)), own);
    }
  });

  /** What a trial's cells show, without those that have nothing. */
  function shownOfTrial(
    trial: FileTrial | undefined,
    cells: ReadonlyMap<string, string>,
  ): { label: string; markup: string; own: number | undefined }[] {
    if (trial?.state !== 'measured') return [];
    const own = figuresOfTrial(trial);
    return [...cells]
      .filter(([, markup]) => !['–', 'n/a'].includes(textOf(markup)))
      .map(([label, markup]) => ({ label, markup, own: own[label] }));
  }

  const TERMINAL_LABELS: Readonly<Record<string, string>> = {
    'wire, a message': 'wire bytes per message',
    'server CPU, a message': 'server CPU per message',
  };

  /** Where words that are one space apart end, and what they are. */
  function cellsOf(line: string): Map<number, string> {
    return new Map([...line.matchAll(/\S+(?: \S+)*/g)].map((match) => [match.index + match[0].length, match[0]]));
  }

  test('every figure of the variants in the terminal', () => {
    const [top = '', bottom = '', , ...lines] = terminalTable(result).split('\n');
    const upper = cellsOf(top);
    const labels = new Map([...upper].map(([end, word]) => [end, `${word} ${cellsOf(bottom).get(end) ?? ''}`]));
    let compared = 0;
    for (const one of known) {
      const [trial] = one.group;
      const place = `${file.transports[trial?.variant.transport ?? '']?.label}, ${trial?.variant.backplane}`;
      const at = lines.findIndex((line) => line.slice(2).startsWith(place) && cellsOf(line).size > 3);
      const ranges =
        lines[at + 1]?.startsWith('      ') === true ? cellsOf(lines[at + 1] ?? '') : new Map<number, string>();
      for (const [end, label] of labels) {
        const own = ownOf(one, TERMINAL_LABELS[label] ?? label);
        const shown = cellsOf(lines[at] ?? '').get(end) ?? '';
        expectShown(`${place} ${label}`, readNumber(shown), own.centre);
        const range = ranges.get(end);
        if (range !== undefined) {
          const [low, high] = readRange(range);
          expectShown(`${place} ${label}, lowest`, low, own.low);
          expectShown(`${place} ${label}, highest`, high, own.high);
        }
        compared += 1;
      }
    }
    expect(compared).toBe(5 * known.length);
  });

  const CSV_METRICS: readonly (readonly [metric: string, label: string, unit: number])[] = [
    ...[50, 75, 90, 95, 99].map((p) => [`staleness_p${p}`, `staleness p${p}`, 1] as const),
    ['staleness_max', 'staleness maximum', 1],
    ['wire_bytes_per_message', 'wire bytes per message', 1],
    ['wire_bytes_per_client_second', 'wire bytes per client and second', 1],
    ['server_cpu_per_message', 'server CPU per message', 1e3],
    ['server_memory', 'server memory', 1],
    ['empty_share', 'empty polls', 1],
    ['deliveries', 'deliveries', 1],
  ];

  test('every figure of every trial in summary.csv', () => {
    const measured = file.trials.filter(({ state }) => state === 'measured');
    for (const trial of measured) {
      const rows = csv.filter((row) => isOf(row, trial));
      const own = figuresOfTrial(trial);
      for (const [metric, label, unit] of CSV_METRICS) {
        const value = rows.find((row) => row['metric'] === metric)?.['value'] ?? '';
        const expectedValue = (own[label] ?? Number.NaN) / unit;
        const isSame = Number.isNaN(expectedValue)
          ? value === 'n/a'
          : Math.abs(Number(value) - expectedValue) <= 1e-8 * expectedValue;
        expect([metric, value, expectedValue, isSame]).toEqual([metric, value, expectedValue, true]);
      }
    }
  });
});

test('a histogram of nothing but cookies is none', () => {
  expect(() => decodeHistogram(Buffer.alloc(8).toString('base64'))).toThrow('no HdrHistogram V2');
});
