// Follows every lane with the code that it shows, and draws what comes.
(() => {
  const WINDOW_MS = 10_000;
  const MOST_POINTS = 4000;
  // One scale for all lanes, in milliseconds.
  const LEAST_MS = 0.1;
  const GRID = [
    [1, '1 ms'],
    [10, '10 ms'],
    [100, '100 ms'],
    [1000, '1 s'],
  ];
  const MOST_MS = 10_000;

  const css = getComputedStyle(document.documentElement);
  const colour = (name) => css.getPropertyValue(`--${name}`).trim();
  const reduced = matchMedia('(prefers-reduced-motion: reduce)');

  const { health, read, ageMs, inMilliseconds } = nodeReader;

  function median(values) {
    return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
  }

  class Lane {
    constructor({ id, transport, values, intervalMs, follows }) {
      this.element = document.getElementById(id);
      this.settings = { values, intervalMs };
      this.follow = followers[transport];
      this.follows = follows;
      this.canvas = this.element.querySelector('canvas');
      this.points = [];
      this.count = 0;
      this.missed = 0;
      this.last = undefined;
      this.stream = undefined;
      this.attempts = 0;
      if (!follows) this.say('by-hand', 'not in a page');
    }

    part(name) {
      return this.element.querySelector(`.${name}`);
    }

    say(state, words = state) {
      this.element.dataset.state = state;
      this.part('state').textContent = words;
    }

    start(latest) {
      if (!this.follows || this.stream !== undefined) return;
      this.last ??= latest;
      const turn = {};
      this.turn = turn;
      this.say('waiting');
      const options = { ...this.settings, since: this.last };
      const told = (entry) => (this.turn === turn ? this.take(read(entry)) : this.last);
      const live = () => this.turn === turn && this.live();
      const over = (error) => this.turn === turn && this.over(error);
      this.stream = this.follow(options, { live, told, over });
    }

    end(state) {
      this.turn = undefined;
      this.stream?.close();
      this.stream = undefined;
      if (this.follows) this.say(state);
    }

    /** Others who lost their connection at the same moment come back at another one. */
    over(error) {
      this.end('away');
      this.say('away', error.message);
      this.attempts += 1;
      setTimeout(() => watching && this.start(), 1000 * Math.min(8, this.attempts) * (0.5 + Math.random()));
    }

    /** Returns where the feed goes on. */
    take(entry) {
      if (entry.notice === 'reset') this.last = entry.latest;
      if (entry.notice === 'gap') {
        this.missed += entry.to - entry.from + 1;
        this.last = entry.to;
      }
      if (entry.seq === undefined) return this.last;
      this.missed += Math.max(0, entry.seq - this.last - 1);
      this.last = entry.seq;
      this.count += 1;
      this.attempts = 0;
      this.live();
      this.points.push({ atMs: performance.now(), staleMs: ageMs(entry.dueNs) });
      if (this.points.length > MOST_POINTS) this.points.shift();
      this.newest = entry;
      return this.last;
    }

    live() {
      if (this.element.dataset.state !== 'live') this.say('live');
    }

    show(nowMs) {
      while (this.points.length > 0 && this.points[0].atMs < nowMs - WINDOW_MS) this.points.shift();
      this.part('count').textContent = this.count.toLocaleString('en');
      this.part('missed').textContent = this.missed.toLocaleString('en');
      this.part('median').textContent =
        this.points.length === 0 ? '–' : inMilliseconds(median(this.points.map(({ staleMs }) => staleMs)));
      if (this.newest !== undefined)
        this.part('newest').textContent = `${this.newest.seq}  ${JSON.stringify(this.newest.data)}`;
    }

    draw(nowMs) {
      const { canvas } = this;
      const { clientWidth: width, clientHeight: height } = canvas;
      const density = devicePixelRatio;
      if (canvas.width !== Math.round(width * density)) canvas.width = Math.round(width * density);
      if (canvas.height !== Math.round(height * density)) canvas.height = Math.round(height * density);
      const pen = canvas.getContext('2d');
      pen.setTransform(density, 0, 0, density, 0, 0);
      pen.clearRect(0, 0, width, height);
      const span = Math.log10(MOST_MS / LEAST_MS);
      const y = (ms) => height - 4 - ((height - 8) * Math.log10(Math.max(ms, LEAST_MS) / LEAST_MS)) / span;
      pen.font = '10px system-ui, sans-serif';
      pen.textBaseline = 'middle';
      for (const [ms, words] of GRID) {
        pen.fillStyle = colour('muted');
        pen.fillText(words, 0, y(ms));
        pen.fillStyle = colour('grid');
        pen.fillRect(40, y(ms), width - 40, 1);
      }
      pen.fillStyle = colour('dot');
      for (const { atMs, staleMs } of this.points) {
        pen.beginPath();
        pen.arc(width - 3 - ((nowMs - atMs) / WINDOW_MS) * (width - 46), y(Math.min(staleMs, MOST_MS)), 2, 0, 7);
        pen.fill();
      }
    }
  }

  const lanes = JSON.parse(document.getElementById('lanes').textContent).map((settings) => new Lane(settings));
  const pause = document.getElementById('pause');
  let watching = false;

  async function start() {
    if (watching) return;
    watching = true;
    for (let ask = 0; ask < 5; ask++) await health();
    const { latest } = await health();
    for (const lane of lanes) if (watching) lane.start(latest);
  }

  function stop(state) {
    watching = false;
    for (const lane of lanes) lane.end(state);
  }

  /** A node that cannot be reached is asked again. */
  function startSoon() {
    start().catch(() => {
      stop('away');
      setTimeout(wanted, 2000);
    });
  }

  function wanted() {
    const isPaused = pause.getAttribute('aria-pressed') === 'true';
    if (isPaused || document.hidden) stop('paused');
    else startSoon();
  }

  pause.addEventListener('click', () => {
    const isPaused = pause.getAttribute('aria-pressed') !== 'true';
    pause.setAttribute('aria-pressed', String(isPaused));
    pause.textContent = isPaused ? 'Go on' : 'Pause';
    wanted();
  });
  document.addEventListener('visibilitychange', wanted);

  for (const code of document.querySelectorAll('code[data-command]')) {
    const command = code.dataset.command.replaceAll('HOST', location.host);
    code.textContent = command;
    const button = code.nextElementSibling;
    // Browsers have a clipboard for pages of this machine and over TLS alone.
    button.hidden = navigator.clipboard === undefined;
    button.addEventListener('click', async () => {
      await navigator.clipboard.writeText(command);
      button.textContent = 'Copied';
      setTimeout(() => {
        button.textContent = 'Copy';
      }, 1500);
    });
  }

  // Where the first answers were slow, later ones say better what time it is there.
  setInterval(() => watching && health().catch(() => undefined), 5000);

  setInterval(() => {
    const nowMs = performance.now();
    for (const lane of lanes) lane.show(nowMs);
    document.getElementById('latest').textContent = Math.max(0, ...lanes.map(({ last }) => last ?? 0)).toLocaleString(
      'en',
    );
    if (reduced.matches) for (const lane of lanes) lane.draw(nowMs);
  }, 250);

  function frame(nowMs) {
    if (watching && !reduced.matches) for (const lane of lanes) lane.draw(nowMs);
    requestAnimationFrame(frame);
  }

  requestAnimationFrame(frame);
  wanted();
})();
