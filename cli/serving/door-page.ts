import { isSilent } from '../../scenarios/feed/kinds/feed-kinds.ts';
import type { Workload } from '../../scenarios/feed/workload.ts';
import { formatBytes, NS_PER_MS } from '../../scenarios/units.ts';
import { pollIntervalNsOf, variantParts } from '../../scenarios/variant.ts';
import type { PlannedVariant } from '../../load/variants.ts';
import { html, jsonScript, type Markup } from '../../reports/html/html.ts';
import { followerSource } from '../../servers/page-source.ts';
import { transportRow, tryItOf } from '../../servers/registry.ts';
import { CHAT_PATH, chatFiles } from './chat-page.ts';
import { libraryFiles, type NodeFile, pageHead, pageScripts } from './page-scripts.ts';
import type { ServedDoors } from './served-doors.ts';

interface Served {
  readonly workload: Workload;
  readonly backplane: string;
  /** Which one it is, from 1, and of how many. */
  readonly node: number;
  readonly nodes: number;
  /** Where clients must show a token: the path of its key's file, which no page is told. */
  readonly tokenKey?: string;
}

/** What stands beside the doors of a node by hand: the pages that show them, and the libraries that these need. */
export function doorFiles(doors: ServedDoors, served: Served): NodeFile[] {
  const page = { path: '/', contentType: 'text/html; charset=utf-8', body: renderDoorPage(doors, served) };
  return [page, ...chatFiles(doors, served), ...libraryFiles(doors.transports)];
}

function renderDoorPage(doors: ServedDoors, served: Served): string {
  const { workload } = served;
  const lanes = doors.variants.map((variant, index) => new Lane(variant, workload, index));
  const { text } = html`<!doctype html>
<html lang="en">
${pageHead(`feedbench: ${workload.name}`, ['style.css'])}
<body>
<main>
<header>
<h1>One feed, ${lanes.length === 1 ? 'one door' : `${lanes.length} ways to follow it`}</h1>
<p class="subtitle">${workload.description}</p>
<p class="facts">${factsOf(served)} · newest message <b id="latest">–</b></p>
${doors.canChat ? html`<p class="facts"><a href="${CHAT_PATH}">Chat through these doors</a>, with whoever is at another tab, transport or node.</p>` : undefined}
</header>
${served.tokenKey === undefined ? lanesOf(lanes) : html`<p class="legend">Whoever asks this node must show a token, so nothing is shown here: <a href="${CHAT_PATH}">the page on which people talk</a> has a field for one, and says in whose name it is.</p>`}
</main>
${served.tokenKey === undefined ? laneScripts(doors, lanes) : undefined}
</body>
</html>
`;
  return text;
}

function lanesOf(lanes: readonly Lane[]): Markup {
  return html`<p class="legend">A dot is a message of the last ten seconds, as it reached this page; the higher it is, the staler:
the time since it was due. All lanes have one scale.
<button type="button" id="pause" aria-pressed="false">Pause</button></p>
<div class="lanes">
${lanes.map((lane) => lane.render())}
</div>
<footer>This page keeps a connection or two open for each lane that polls or streams over HTTP, and a browser has six for a
node: it lets go of them while it is hidden.</footer>`;
}

function laneScripts(doors: ServedDoors, lanes: readonly Lane[]): Markup {
  return html`${jsonScript(
    'lanes',
    lanes.map((lane) => lane.settings),
  )}
${pageScripts(doors.transports, ['watch-lanes.js'])}`;
}

function factsOf({ workload, backplane, node, nodes }: Served): string {
  const { feed, payload } = workload;
  const place = nodes === 1 ? 'a single node' : `node ${node} of ${nodes}`;
  const said = isSilent(feed)
    ? 'nothing is said'
    : `${feed.messagesPerSecond} messages a second of ${formatBytes(payload.bytes)}`;
  return `${workload.name}: ${said} · ${place}, ${backplane}`;
}

/** A variant on the page: what can be typed in, the code that follows it here, and what comes. */
class Lane {
  readonly #variant: PlannedVariant;
  readonly #parts: readonly string[];
  readonly #id: string;
  readonly #intervalMs: number;
  /** Undefined where no page can follow it. */
  readonly #source: string | undefined;

  constructor(variant: PlannedVariant, workload: Workload, index: number) {
    const { label } = transportRow(variant.transport);
    const [, , ...values] = variantParts(variant, workload);
    this.#variant = variant;
    this.#parts = [label, ...values];
    this.#id = `lane-${index}`;
    this.#intervalMs = pollIntervalNsOf(variant, workload) / NS_PER_MS;
    this.#source = followerSource(variant.transport);
  }

  get settings(): object {
    const { transport, values } = this.#variant;
    return { id: this.#id, transport, values, intervalMs: this.#intervalMs, follows: this.#source !== undefined };
  }

  render(): Markup {
    const { transport } = this.#variant;
    const { summary } = transportRow(transport);
    const [label, ...rest] = this.#parts;
    return html`<section class="lane" id="${this.#id}" data-state="waiting">
<h2>${label}${rest.length > 0 ? html` <small>${rest.join(', ')}</small>` : undefined}<span class="state" role="status"></span></h2>
<p class="summary">${summary}</p>
<canvas role="img" aria-label="Staleness of the messages of the last ten seconds"></canvas>
<dl><div><dt>staleness, median</dt><dd class="median">–</dd></div><div><dt>messages</dt><dd class="count">0</dd></div><div><dt>${this.#variant.values.deliver === 'latest' ? 'left out' : 'missed'}</dt><dd class="missed">0</dd></div></dl>
<p class="newest" aria-label="newest message"></p>
<div class="try"><code data-command="${tryItOf(this.#variant)}"></code><button type="button" class="copy">Copy</button></div>
${this.#source === undefined ? undefined : html`<details><summary>How this page follows it</summary><pre>${shown(this.#source)}</pre></details>`}
</section>
`;
  }
}

function shown(source: string): string {
  return source.replace(/^export /m, '').trim();
}
