import type { Workload } from '../../scenarios/feed/workload.ts';
import { formatBytes, NS_PER_MS } from '../../scenarios/units.ts';
import { pollIntervalNsOf, variantParts } from '../../scenarios/variant.ts';
import type { PlannedVariant } from '../../load/variants.ts';
import { html, jsonScript, type Markup } from '../../reports/html/html.ts';
import { followerSource } from '../../servers/page-source.ts';
import { transportRow } from '../../servers/registry.ts';
import { MOST_DELAY_MS, type RaceLines } from './race-lines.ts';
import { libraryFiles, type NodeFile, pageHead, pageScripts } from '../serving/page-scripts.ts';

const DELAY_STEP_MS = 10;
const STYLES = ['style.css', '../racing/race.css'] as const;

interface Raced {
  readonly workload: Workload;
  readonly lanes: readonly PlannedVariant[];
}

/** Those that a page can follow. */
export function lanesOf(variants: readonly PlannedVariant[]): PlannedVariant[] {
  return variants.filter(({ transport }) => followerSource(transport) !== undefined);
}

/** What the node serves beside its doors: a page for each lane, which is asked for through the lane's own line. */
export function laneFiles({ workload, lanes }: Raced): NodeFile[] {
  const pages = lanes.map((variant, index) => ({
    path: `/race-lane-${index}`,
    contentType: 'text/html; charset=utf-8',
    body: renderLane(variant, { workload, index }),
  }));
  return [...pages, ...libraryFiles([...new Set(lanes.map(({ transport }) => transport))])];
}

function renderLane(variant: PlannedVariant, { workload, index }: { workload: Workload; index: number }): string {
  const { transport, values } = variant;
  const intervalMs = pollIntervalNsOf(variant, workload) / NS_PER_MS;
  const { text } = html`<!doctype html>
<html lang="en">
${pageHead(`lane ${index + 1}`, STYLES)}
<body>
<p id="shown"></p>
${jsonScript('lane', { lane: index, transport, values, intervalMs })}
${pageScripts([transport], ['../racing/lane.js'])}
</body>
</html>
`;
  return text;
}

/** The page around the lanes, for who has these lines. */
export function renderRace({ workload, lanes }: Raced, viewer: number, { ports, delayMs }: RaceLines): string {
  const { feed, payload, description } = workload;
  const { text } = html`<!doctype html>
<html lang="en">
${pageHead('feedbench: one feed, side by side', STYLES, { hasFrames: true })}
<body>
<main>
<header>
<h1>One feed, side by side</h1>
<p class="subtitle">${description}</p>
<p class="facts">${workload.name}: ${feed.messagesPerSecond} messages a second of ${formatBytes(payload.bytes)}, the same ones in each lane, through a line of its own</p>
</header>
<div class="controls">
<label for="delay">Delay of every line, each way <input id="delay" type="range" min="0" max="${MOST_DELAY_MS}" step="${DELAY_STEP_MS}" value="${delayMs}"> <b id="delay-now">${delayMs} ms</b></label>
<button type="button" id="again">Count from zero</button>
</div>
<div class="race">
${lanes.map((variant, index) => renderPlace(variant, { workload, index }))}
</div>
<footer>The age is the time since what a lane shows was due. Requests and bytes are counted in its line, both ways, from the moment on when all lanes
were there; an answer that is held and a connection that stays are one request each, which is counted from the start. Bars are as long as the figure above them,
beside that of the worst lane. Whoever opens this page has lines and counts of its own.</footer>
</main>
${jsonScript('race', { viewer, ports })}
${pageScripts([], ['../racing/race.js'])}
</body>
</html>
`;
  return text;
}

function renderPlace(variant: PlannedVariant, { workload, index }: { workload: Workload; index: number }): Markup {
  const [, , ...rest] = variantParts(variant, workload);
  const name = [transportRow(variant.transport).label, ...rest].join(', ');
  return html`<section id="lane-${index}">
<h2>${name}</h2>
<iframe title="What ${name} shows"></iframe>
<dl>
<div class="whole"><dt>age of what is shown</dt><dd class="age">–</dd></div>
<div class="whole"><dt>age on arrival, median of 10 s</dt><dd class="median">–</dd><dd class="track"><span class="bar median-bar"></span></dd></div>
<div><dt>requests</dt><dd class="requests">0</dd></div>
<div><dt>bytes</dt><dd class="bytes">0 B</dd></div>
<div class="whole track"><span class="bar bytes-bar"></span></div>
</dl>
<p class="away" role="status"></p>
</section>
`;
}
