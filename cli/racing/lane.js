// A lane of the race: follows the feed through its own line, shows what comes, and tells the page around it.
(() => {
  const { lane, transport, values, intervalMs } = JSON.parse(document.getElementById('lane').textContent);
  const { health, read } = nodeReader;
  const shown = document.getElementById('shown');
  let turn;
  let last;
  let stream;
  let attempts = 0;

  function tell(what) {
    parent.postMessage({ lane, atMs: performance.timeOrigin + performance.now(), ...what }, '*');
  }

  /** Returns where the feed goes on. */
  function told(entry) {
    if (entry.notice === 'reset') last = entry.latest;
    if (entry.notice === 'gap') last = entry.to;
    if (entry.seq === undefined) return last;
    last = entry.seq;
    attempts = 0;
    shown.textContent = JSON.stringify(entry.data);
    tell({ kind: 'message', dueNs: entry.dueNs });
    return last;
  }

  /** Others who lost their connection at the same moment come back at another one. */
  function over(error) {
    turn = undefined;
    stream?.close();
    stream = undefined;
    tell({ kind: 'away', words: error.message });
    attempts += 1;
    setTimeout(start, 1000 * Math.min(8, attempts) * (0.5 + Math.random()));
  }

  async function begin() {
    const mine = {};
    turn = mine;
    last ??= (await health()).latest;
    const settings = { since: last, values, intervalMs };
    stream = followers[transport](settings, {
      live: () => turn === mine && tell({ kind: 'live' }),
      told: (entry) => (turn === mine ? told(read(entry)) : last),
      over: (error) => turn === mine && over(error),
    });
  }

  function start() {
    begin().catch(over);
  }

  start();
})();
