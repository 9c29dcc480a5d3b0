import { flushCompileCache } from 'node:module';
import { monotonicNs } from '../../../scenarios/clock.ts';
import { errorMessage } from '../../../scenarios/failures.ts';
import { derivedRandom } from '../../../scenarios/feed/random.ts';
import { Histogram } from '../../../scenarios/measures/histogram.ts';
import { NS_PER_MS } from '../../../scenarios/units.ts';
import { flowOf, type PortOf } from './flow.ts';
import { FramesUnderWay } from './frames-under-way.ts';
import { Line, type LineOptions } from './line.ts';
import type { RelayCommand, RelayReport } from './relay-messages.ts';
import { enterNetwork, FrameWait, openTap, readFrame, wakeOnTime, writeFrame } from './tap.ts';

/**
 * Carries Ethernet frames between two TAP devices, each after the delay of its line: packets, so TCP stays end to end, with
 * its acknowledgements, its retransmissions and its slow start. One thread that waits for the next frame or the next moment,
 * whichever comes first.
 */

/** MTU 1500, the Ethernet header, and room for a VLAN tag. */
const SLOT_BYTES = 1536;
/** At 1 Gbit/s of whole packets they are 0.4 s. */
const MOST_FRAMES = 32_768;
/** Commands are heard between two of these. */
const LOOP_NS = 20 * NS_PER_MS;
/** Frames read in a row before those that are due are written: neither way may wait for the other. */
const READ_AT_ONCE = 32;

const lateness = { since: new Histogram() };
let failed = 0;

class Way {
  readonly #from: number;
  readonly #to: number;
  readonly #portOf: PortOf;
  readonly line: Line;
  readonly #underWay = new FramesUnderWay(MOST_FRAMES, SLOT_BYTES);
  readonly #overflow = Buffer.alloc(SLOT_BYTES);

  constructor(files: { from: number; to: number }, portOf: PortOf, line: Line) {
    this.#from = files.from;
    this.#to = files.to;
    this.#portOf = portOf;
    this.line = line;
  }

  get firstDueNs(): number {
    return this.#underWay.firstDueNs;
  }

  readAll(): void {
    for (let count = 0; count < READ_AT_ONCE; count++) {
      const room = this.#underWay.room ?? this.#overflow;
      const length = readFrame(this.#from, room);
      if (length === 0) return;
      if (room === this.#overflow) failed += 1;
      else this.#admit(room, length);
    }
  }

  writeDue(): void {
    for (let nowNs = monotonicNs(); this.#underWay.firstDueNs <= nowNs; nowNs = monotonicNs()) {
      lateness.since.record(Math.round(nowNs - this.#underWay.firstDueNs));
      const { bytes, length } = this.#underWay.take();
      if (!writeFrame(this.#to, bytes, length)) failed += 1;
    }
  }

  #admit(frame: Buffer, length: number): void {
    const dueNs = this.line.admit(length, flowOf(frame, length, this.#portOf), monotonicNs());
    if (dueNs !== undefined) this.#underWay.add(length, dueNs);
  }
}

let ways: readonly [down: Way, up: Way] | undefined;

function open({ clientLink, peerLink, peerNetwork, ...link }: Extract<RelayCommand, { kind: 'open' }>): void {
  const client = openTap(clientLink);
  enterNetwork(peerNetwork);
  const peer = openTap(peerLink);
  wakeOnTime();
  const line = (options: LineOptions, stream: number): Line => new Line(options, derivedRandom(link.seed, stream));
  const down = new Way({ from: peer, to: client }, 'receiver', line(link.down, DOWN));
  const up = new Way({ from: client, to: peer }, 'sender', line(link.up, UP));
  ways = [down, up];
  setImmediate(carry, ways, new FrameWait(client, peer));
}

/** Streams of chance that nobody else has of the run's seed. */
const DOWN = -11;
const UP = -12;

function carry(both: readonly [Way, Way], frames: FrameWait): void {
  const untilNs = monotonicNs() + LOOP_NS;
  for (let nowNs = monotonicNs(); nowNs < untilNs; nowNs = monotonicNs()) {
    const nextNs = Math.min(untilNs, ...both.map(({ firstDueNs }) => firstDueNs));
    if (nextNs > nowNs) frames.wait(nextNs - nowNs);
    for (const way of both) {
      way.readAll();
      way.writeDue();
    }
  }
  setImmediate(carry, both, frames);
}

function begin(): void {
  lateness.since = new Histogram();
  failed = 0;
  for (const { line } of ways ?? []) line.resetCounts();
}

function report(): void {
  if (ways === undefined) throw new TypeError('nothing was carried');
  const [down, up] = ways;
  tell({
    kind: 'carried',
    down: down.line.counts,
    up: up.line.counts,
    failed,
    lateness: lateness.since.snapshot(),
  });
}

function tell(words: RelayReport): void {
  process.send?.(words);
}

process.on('message', (command: RelayCommand) => {
  switch (command.kind) {
    case 'open':
      try {
        open(command);
        tell({ kind: 'ready' });
      } catch (error) {
        tell({ kind: 'failed', message: errorMessage(error) });
      }
      return;
    case 'begin':
      begin();
      return;
    case 'report':
      report();
      return;
    default:
      command satisfies never;
  }
});
process.once('disconnect', () => process.exit(0));
flushCompileCache();
