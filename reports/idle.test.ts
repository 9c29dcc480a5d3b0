import { describe, expect, test } from 'vitest';
import type { MeasuredTrial, Result } from '../scenarios/result/result.ts';
import { figuresOf } from './figures/figures.ts';
import { idleCosts } from './figures/idle.ts';
import { renderPage } from './page.ts';
import { buildReport } from './report/report.ts';
import { predict } from './theory/predictions.ts';
import { headlineMetrics } from './report/ratios.ts';
import { renderSummaryCsv } from './summary-csv.ts';
import { terminalTable } from './terminal-table.ts';
import { sampleResult, websocketTrial } from './testing/sample-result.ts';

const base = sampleResult();

const NEVER = {
  signNs: 0,
  usualSignNs: 0,
  frames: null,
  held: { before: { residentBytes: 0, objectBytes: 0 }, connected: { residentBytes: 0, objectBytes: 0 } },
};
const CLIENTS = 1000;
const BEFORE = { residentBytes: 100e6, objectBytes: 30e6 };
const UNCOUNTED = { kind: 'n/a', reason: 'nobody did' } as const;
/** In a second, of all clients. */
const SIGNS = CLIENTS / 6;

/** So many bytes in each bin of a second, and nothing said: a sign of life every 6 s, where 30 s is usual. */
function idleTrial(bytesPerBin: number, socketBytes: number | null): MeasuredTrial {
  const trial = { ...websocketTrial(), clients: CLIENTS };
  const connected = {
    residentBytes: BEFORE.residentBytes + 9000 * CLIENTS,
    objectBytes: BEFORE.objectBytes + 4000 * CLIENTS,
  };
  const perBin = (amount: number): number[] => perBinOf(trial, amount);
  return {
    ...trial,
    dueInWindow: 0,
    histograms: {},
    histogramsPerBin: {},
    countersPerBin: {
      wireBytesDown: perBin(bytesPerBin),
      wireBytesUp: perBin(bytesPerBin / 2),
      wirePacketsDown: perBin(2 * SIGNS),
    },
    ramp: { ...trial.ramp, socketBytes },
    idle: {
      signNs: 6e9,
      usualSignNs: 30e9,
      frames: { downBytes: 2, upBytes: 6 },
      held: { before: BEFORE, connected },
    },
  };
}

function perBinOf({ window }: MeasuredTrial, amount: number): number[] {
  return Array.from({ length: window.bins }, () => amount);
}

function resultOf(trials: readonly MeasuredTrial[]): Result {
  const workload: Result['workload'] = {
    ...base.workload,
    clients: CLIENTS,
    feed: { kind: 'none', messagesPerSecond: 0 },
    heartbeatNs: 6e9,
  };
  return { ...base, campaign: null, trials: [...trials], workload };
}

describe('of connections on which nothing is said', () => {
  const trial = idleTrial(1000, 4000 * CLIENTS * 2);
  const { clients, processes, window } = trial;
  const costs = idleCosts(trial, figuresOf(trial));

  test('bytes are a minute’s of one connection, both ways', () => {
    expect(costs.wireBytes).toBeCloseTo((1500 * 60) / clients, 9);
    expect(costs.usualWireBytes).toBeCloseTo((1500 * 60) / clients / 5, 9);
  });

  test('CPU is a minute’s, and what the server uses without them is in it', () => {
    const node = processes.find(({ role }) => role === 'node');
    const used = node?.cpuNsPerBin.slice(window.firstBin, window.endBin) ?? [];
    const perSecondNs = used.reduce((sum, ns) => sum + ns, 0) / used.length;
    expect(costs.serverCpuNs).toBeCloseTo((perSecondNs * 60) / clients, 3);
    expect(costs.usualServerCpuNs).toBeCloseTo((perSecondNs * 60) / clients / 5, 3);
  });

  test('memory is what came with the connections: of the nodes, and of the server’s end in the kernel', () => {
    const node = processes.find(({ role }) => role === 'node');
    const most = Math.max(...(node?.rssBytesPerBin.slice(window.firstBin, window.endBin) ?? []));
    expect(costs.mostUserBytes).toBeCloseTo((most - (node?.rssBytesBeforeRamp ?? 0)) / clients, 6);
    expect([costs.userBytes, costs.objectBytes]).toEqual([9000, 4000]);
    expect(costs.kernelBytes).toBe(4000);
    const untold = idleTrial(1000, null);
    expect(idleCosts(untold, figuresOf(untold)).kernelBytes).toMatchObject({ reason: expect.any(String) as string });
  });

  test('a server that was late with signs of life is not the cheaper for it', () => {
    const share = 830 / 1200;
    const full = idleTrial(1000 * share, null);
    const countersPerBin = { ...full.countersPerBin, wirePacketsDown: perBinOf(full, 2 * SIGNS * share) };
    const late = { ...full, countersPerBin };
    const { wireBytes, usualWireBytes } = idleCosts(late, figuresOf(late));
    expect(wireBytes).toBeCloseTo(((1500 * 60) / clients) * share, 9);
    expect(usualWireBytes).toBeCloseTo((1500 * 60) / clients / 5, 9);
  });

  test('signs of life are told by packets, or by bytes of the clients’ sockets, or they are answers', () => {
    const usual = (changes: Partial<MeasuredTrial>) => {
      const changed = { ...trial, ...changes };
      return idleCosts(changed, figuresOf(changed)).usualWireBytes;
    };
    const { wirePacketsDown: _uncounted, ...others } = trial.countersPerBin;
    const withoutPackets = { sources: { ...trial.sources, wirePacketsDown: UNCOUNTED } };
    const byBytes = { ...others, transportBytesDown: perBinOf(trial, 2 * SIGNS) };
    const byAnswers = { ...others, answers: perBinOf(trial, SIGNS) };
    const expected = (1500 * 60) / clients / 5;
    expect(usual({ ...withoutPackets, countersPerBin: byBytes })).toBeCloseTo(expected, 9);
    const answered = { ...(trial.idle ?? NEVER), frames: null };
    expect(usual({ countersPerBin: byAnswers, idle: answered })).toBeCloseTo(expected, 9);
    // A comment is only acknowledged.
    const comments = { ...trial.countersPerBin, wirePacketsDown: perBinOf(trial, SIGNS) };
    const acknowledged = { ...(trial.idle ?? NEVER), frames: { downBytes: 8, upBytes: 0 } };
    expect(usual({ countersPerBin: comments, idle: acknowledged })).toBeCloseTo(expected, 9);
    expect(usual({ countersPerBin: { ...others, wirePacketsDown: perBinOf(trial, 0) } })).toEqual({
      reason: 'no sign of life went over a connection in the window',
    });
  });

  test('of clients in another program the kernel’s memory is not told: the program has sockets and files of its own', () => {
    const foreign = { ...trial, sources: { ...trial.sources, transportBytesDown: UNCOUNTED } };
    expect(idleCosts(foreign, figuresOf(foreign)).kernelBytes).toMatchObject({
      reason: expect.stringMatching(/another program/) as string,
    });
  });

  test('of few connections nobody can tell what they cost from what the node itself needs', () => {
    const few = { ...trial, clients: 499 };
    const { userBytes, kernelBytes, serverCpuNs, wireBytes } = idleCosts(few, figuresOf(few));
    for (const figure of [userBytes, kernelBytes, serverCpuNs])
      expect(figure).toMatchObject({ reason: expect.any(String) as string });
    expect(wireBytes).toBeGreaterThan(0);
  });

  test('an older file tells what was seen, and neither how often is usual nor what was held', () => {
    const { idle: _kept, ...older } = trial;
    const { wireBytes, usualWireBytes, usualServerCpuNs, userBytes } = idleCosts(older, figuresOf(older));
    expect(wireBytes).toBe(costs.wireBytes);
    for (const figure of [usualWireBytes, usualServerCpuNs, userBytes])
      expect(figure).toEqual({ reason: 'this version of the result file did not keep it' });
  });

  test('they are told of no trial in which something is said', () => {
    const spoken = { ...trial, dueInWindow: 1 };
    expect(Object.values(idleCosts(spoken, figuresOf(spoken)))).toEqual(
      Array.from({ length: 8 }, () => ({ reason: 'of trials in which nothing is said' })),
    );
  });

  test('a report is about what they cost, and nothing else is ranked or missed', () => {
    const report = buildReport(resultOf([trial]));
    expect(headlineMetrics(report)).toEqual(['bytes.idle', 'cpu.idle', 'memory.idle']);
    const table = terminalTable(report.result);
    expect(table.replaceAll(/\s+/g, ' ')).toContain('At the usual heartbeat an idle connection costs');
    expect(table).not.toMatch(/staleness|No server CPU/);
    const page = renderPage(report);
    expect(page).toContain('What does an idle user cost?');
    expect(page).toContain('nothing is said to');
    expect(page).not.toContain('delivered 0 messages');
    expect(page).not.toMatch(/Which one for your app|messages a second of/);
    expect(renderSummaryCsv(report)).toMatch(/,idle_kernel_memory,bytes,4000,/);
  });

  test('at the usual heartbeat the bytes are in proportion, and those of ten thousand a second', () => {
    const page = renderPage(buildReport(resultOf([idleTrial(clients * 10, null)])));
    expect(page).toMatch(/data-label="wire bytes a minute">180 B</);
    expect(page).toMatch(/data-label="on the wire">30\.0 kB\/s</);
    expect(page).toMatch(/data-label="wire bytes a minute">900 B</);
    expect(page).toContain('10,000 of them with');
  });
});

describe('the bytes of a connection on which nothing is said follow from', () => {
  const lawOf = (changes: Partial<MeasuredTrial>) => {
    const trial = { ...idleTrial(1000, null), ...changes };
    return predict({ result: resultOf([trial]), trial, figures: figuresOf(trial) });
  };
  const idle = idleTrial(1000, null).idle ?? NEVER;

  test('a ping and its answer: two frames, their packets, and one ACK or two', () => {
    expect(lawOf({})).toMatchObject([
      { unit: 'bytes', predicted: { low: 10 * (8 + 3 * 66), high: 10 * (8 + 4 * 66) } },
    ]);
  });

  test('a comment, and its ACK', () => {
    const [law] = lawOf({ idle: { ...idle, signNs: 3e9, frames: { downBytes: 8, upBytes: 0 } } });
    expect(law?.predicted).toEqual({ low: 20 * (8 + 2 * 66), high: 20 * (8 + 2 * 66) });
  });

  test('a request and an answer as long as they were, and one ACK or two', () => {
    const { countersPerBin, window } = idleTrial(1000, null);
    const perBin = (amount: number): number[] => Array.from({ length: window.bins }, () => amount);
    const counters = { answers: perBin(4), transportBytesUp: perBin(2000), transportBytesDown: perBin(800) };
    const [law] = lawOf({ idle: { ...idle, frames: null }, countersPerBin: { ...countersPerBin, ...counters } });
    expect(law?.predicted).toEqual({ low: 10 * (700 + 3 * 66), high: 10 * (700 + 4 * 66) });
  });

  test('nothing that is known where nobody counted what requests have', () => {
    const sources = { transportBytesUp: UNCOUNTED };
    expect(lawOf({ idle: { ...idle, frames: null }, sources })).toEqual([]);
  });
});

test('of a feed in which something is said, nothing is told of idle connections', () => {
  expect(renderPage(buildReport(base))).not.toContain('What does an idle user cost?');
});
