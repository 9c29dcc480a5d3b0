// The race: how old what each lane shows is, and what it has cost until now.
(() => {
  const WINDOW_MS = 10_000;
  const { health, ageMs, inMilliseconds } = nodeReader;
  const { viewer, ports } = JSON.parse(document.getElementById('race').textContent);
  const delay = document.getElementById('delay');

  function inBytes(bytes) {
    if (bytes < 1000) return `${bytes} B`;
    return bytes < 1e6 ? `${(bytes / 1000).toFixed(1)} kB` : `${(bytes / 1e6).toFixed(2)} MB`;
  }

  class Lane {
    constructor(port, index) {
      this.element = document.getElementById(`lane-${index}`);
      this.arrivals = [];
      this.isLive = false;
      this.element.querySelector('iframe').src =
        `http://${location.host.replace(/:\d+$/, '')}:${port}/race-lane-${index}`;
    }

    part(name) {
      return this.element.querySelector(`.${name}`);
    }

    take({ kind, atMs, dueNs, words }) {
      this.isLive = kind !== 'away';
      this.part('away').textContent = kind === 'away' ? words : '';
      if (kind !== 'message') return;
      this.newest = dueNs;
      // It came a moment before this page was told.
      const sinceMs = performance.timeOrigin + performance.now() - atMs;
      this.arrivals.push({ atMs, ageMs: Math.max(0, ageMs(dueNs) - sinceMs) });
    }

    cost({ requests, bytesDown, bytesUp }) {
      this.bytes = bytesDown + bytesUp;
      this.part('requests').textContent = requests.toLocaleString('en');
      this.part('bytes').textContent = inBytes(this.bytes);
    }

    show() {
      const fromMs = performance.timeOrigin + performance.now() - WINDOW_MS;
      while (this.arrivals[0]?.atMs < fromMs) this.arrivals.shift();
      const ages = this.arrivals.map((one) => one.ageMs).toSorted((a, b) => a - b);
      const median = ages[Math.floor(ages.length / 2)];
      this.part('age').textContent = this.newest === undefined ? '–' : inMilliseconds(ageMs(this.newest));
      this.median = median;
      this.part('median').textContent = median === undefined ? '–' : inMilliseconds(median);
    }
  }

  const lanes = ports.map((port, index) => new Lane(port, index));
  let hasStarted = false;

  /** Lines that were let go of meanwhile, as after a sleep, are opened anew with the page. */
  async function post(path, words = '') {
    await fetch(`${path}?viewer=${viewer}${words}`, { method: 'POST' });
  }

  function draw(name, figure) {
    const most = Math.max(1, ...lanes.map((lane) => lane[figure] ?? 0));
    for (const lane of lanes) lane.part(name).style.width = `${(100 * (lane[figure] ?? 0)) / most}%`;
  }

  /** What it took to load the lanes is no part of the race: it begins when all of them are there. */
  function startWhenAllAreThere() {
    if (hasStarted || !lanes.every(({ isLive }) => isLive)) return;
    hasStarted = true;
    post('/reset').catch(() => undefined);
  }

  addEventListener('message', ({ data, source }) => {
    const lane = lanes[data.lane];
    if (lane === undefined || source !== lane.element.querySelector('iframe').contentWindow) return;
    lane.take(data);
    startWhenAllAreThere();
  });

  document.getElementById('again').addEventListener('click', () => post('/reset').catch(() => undefined));
  delay.addEventListener('input', () => {
    document.getElementById('delay-now').textContent = `${delay.value} ms`;
    post('/delay', `&ms=${delay.value}`).catch(() => undefined);
  });

  async function count() {
    const answer = await fetch(`/counters?viewer=${viewer}`, { cache: 'no-store' });
    if (answer.status === 404) location.reload();
    const told = await answer.json();
    for (const [index, passed] of told.lanes.entries()) lanes[index]?.cost(passed);
    draw('bytes-bar', 'bytes');
    draw('median-bar', 'median');
  }

  async function look() {
    await health();
    await count();
  }

  setInterval(() => look().catch(() => undefined), 250);

  function frame() {
    for (const lane of lanes) lane.show();
    requestAnimationFrame(frame);
  }

  requestAnimationFrame(frame);
})();
