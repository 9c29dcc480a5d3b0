import { PRESENCE_CHANNEL } from '../../scenarios/feed/channels.ts';
import { variantParts } from '../../scenarios/variant.ts';
import type { Workload } from '../../scenarios/feed/workload.ts';
import { html, jsonScript, Markup } from '../../reports/html/html.ts';
import { TOKEN_COOKIE } from '../../servers/hub/credentials.ts';
import { transportRow } from '../../servers/registry.ts';
import { type NodeFile, pageHead, pageScripts } from './page-scripts.ts';
import type { ServedDoors } from './served-doors.ts';

export const CHAT_PATH = '/chat';

/** A person who waits for an answer asks sooner than a subscriber of a feed. */
const POLL_MS = 1000;
/** A name with `user:` or `room:` before it is a channel, which has 64 characters at most. */
const MOST_NAME = 59;
const NAME = '[A-Za-z0-9._~:\\-]+';
const NAME_HINT = 'Letters, digits, and . _ ~ : - without spaces';
const MOST_TEXT = 4000;

interface Served {
  readonly workload: Workload;
  readonly node: number;
  readonly nodes: number;
  /** Where clients must show a token: the path of its key's file, which no page is told. */
  readonly tokenKey?: string;
}

/** The page on which people talk, through whichever door they like; none where the nodes have no conversation. */
export function chatFiles(doors: ServedDoors, served: Served): NodeFile[] {
  if (!doors.canChat) return [];
  return [{ path: CHAT_PATH, contentType: 'text/html; charset=utf-8', body: renderChatPage(doors, served) }];
}

/** A way to take part: a transport, and what of it is not as usual. */
interface Way {
  readonly transport: string;
  readonly label: string;
  readonly values: object;
}

function waysOf({ variants }: ServedDoors, workload: Workload): Way[] {
  return variants.flatMap((variant) => {
    const { label, page } = transportRow(variant.transport);
    if (page === undefined) return [];
    const [, , ...rest] = variantParts(variant, workload);
    const { shape } = variant.values;
    // How a message is framed is the page's own choice: it reads text.
    return [
      {
        transport: variant.transport,
        label: [label, ...rest].join(', '),
        values: { ...(shape !== undefined && { shape }) },
      },
    ];
  });
}

function renderChatPage(doors: ServedDoors, { workload, node, nodes, tokenKey }: Served): string {
  const ways = waysOf(doors, workload);
  const wantsToken = tokenKey !== undefined;
  const talks = Object.fromEntries(doors.transports.map((id) => [id, transportRow(id).talk]));
  const { text } = html`<!doctype html>
<html lang="en">
${pageHead('feedbench: chat', ['style.css', 'chat.css'])}
<body>
<main class="chat">
<header>
<h1>One conversation, through any transport</h1>
<p class="subtitle">Open this page twice, enter the same room by different transports, and talk.</p>
<p class="facts">${nodes === 1 ? 'A single node' : `Node ${node} of ${nodes}: at the others it is the same conversation`} · <a href="/">what the feed looks like</a></p>
</header>
${entrance(ways, wantsToken)}
${room(ways)}
<details id="by-hand"><summary>From a terminal</summary><dl></dl></details>
</main>
<noscript><p>This page is a client of its node, and needs scripts for it.</p></noscript>
${jsonScript('settings', { ways, talks, ...(wantsToken && { tokenCookie: TOKEN_COOKIE }), intervalMs: POLL_MS, presence: PRESENCE_CHANNEL })}
${pageScripts(doors.transports, ['chat-parts.js', 'chat.js'])}
</body>
</html>
`;
  return text;
}

function entrance(ways: readonly Way[], wantsToken: boolean): Markup {
  return html`<form id="entrance" class="card">
${wantsToken ? TOKEN_FIELD : nameField({ id: 'user', label: 'Your name', more: new Markup('autocomplete="nickname" autofocus') })}
${nameField({ id: 'room', label: 'Room', more: new Markup('autocomplete="off" value="lobby"') })}
<div class="field"><label for="way">Transport</label>${waySelect('way', ways)}</div>
<button class="main">Enter</button>
<p id="name-hint" class="hint">${NAME_HINT}. ${wantsToken ? 'Who you are stands in the token.' : 'Nobody proves a name here: who has the same one is the same person, in another tab.'}</p>
<p id="refusal" class="hint" role="alert"></p>
</form>`;
}

const TOKEN_FIELD = new Markup(
  '<div class="field"><label for="token">Your token</label><input id="token" type="password" required autocomplete="off" autofocus></div>',
);

function nameField({ id, label, more }: { id: string; label: string; more: Markup }): Markup {
  return html`<div class="field"><label for="${id}">${label}</label>
<input id="${id}" required maxlength="${MOST_NAME}" pattern="${NAME}" title="${NAME_HINT}" aria-describedby="name-hint" autocapitalize="off" spellcheck="false" ${more}></div>`;
}

function waySelect(id: string, ways: readonly Way[]): Markup {
  return html`<select id="${id}">${ways.map(({ label }, index) => html`<option value="${index}">${label}</option>`)}</select>`;
}

function room(ways: readonly Way[]): Markup {
  return html`<section id="conversation" aria-labelledby="place" hidden>
<div class="bar"><h2 id="place"></h2><p class="state" role="status"></p>
<div class="field"><label for="other-way">by</label>${waySelect('other-way', ways)}</div>
<button type="button" id="leave">Leave</button></div>
<div class="columns">
<div class="card talk">
<div class="log" role="log" aria-label="Messages" tabindex="0"><ol id="messages"></ol></div>
<p id="typing"></p>
<form id="composer">
<div class="field"><label for="to">To</label><select id="to"></select></div>
<div class="field text"><label for="text">Message</label><input id="text" required maxlength="${MOST_TEXT}" autocomplete="off" dir="auto"></div>
<button class="main">Send</button>
</form>
</div>
<section class="card people" aria-labelledby="online-title"><h3 id="online-title">Online <span id="count"></span></h3>
<p class="hint">Choose somebody to write to them alone.</p><ul id="online"></ul></section>
</div>
</section>`;
}
