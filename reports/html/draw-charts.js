// Lays a canvas of Chart.js over every plot: the same lines on the same scales, from the JSON beside it, and values that can be
// read off, by pointer or arrow keys, and ranges that can be zoomed into. The drawing below it stays for paper. Colours come
// from the style sheet, words from the JSON: nothing is named or rounded here.
(() => {
  const TICK_ROOM = { x: 44, y: 14 };
  const FAINT = 0.2;
  const BAND = 0.15;

  const css = getComputedStyle(document.documentElement);
  const colour = (name) => css.getPropertyValue(`--${name}`).trim();
  const withAlpha = (hex, alpha) =>
    `${hex}${Math.round(alpha * 255)
      .toString(16)
      .padStart(2, '0')}`;
  // The shapes that the whole page refers to, drawn as the style sheet has them in plots.
  const POINT_SCALE = 0.6;
  const pathOf = (shape) => new Path2D(document.getElementById(`mark-${shape}`).getAttribute('d'));

  const plots = [];

  class Plot {
    constructor(field) {
      this.field = field;
      this.data = JSON.parse(document.getElementById(field.dataset.plot).textContent);
      this.read = field.closest('section').querySelector('.read');
      this.index = undefined;
      this.chart = undefined;
    }

    get figure() {
      return this.field.closest('figure') ?? this.field;
    }

    draw() {
      const overlay = document.createElement('div');
      overlay.className = 'overlay';
      const canvas = document.createElement('canvas');
      canvas.setAttribute('role', 'img');
      canvas.ariaLabel = `${this.field.querySelector('svg').ariaLabel} Arrow keys read values off.`;
      canvas.tabIndex = plots.find((plot) => plot.read === this.read) === this ? 0 : -1;
      overlay.append(canvas);
      this.field.append(overlay);
      this.field.classList.add('live');
      this.chart = new Chart(canvas, this.config(roomAround(this.field, overlay)));
      canvas.addEventListener('pointermove', (event) => this.readAt(this.nearest(event)));
      canvas.addEventListener('pointerdown', (event) => this.readAt(this.nearest(event)));
      canvas.addEventListener('pointerleave', () => this.point(undefined));
      canvas.addEventListener('keydown', (event) => this.key(event));
    }

    config(room) {
      const { x, y } = this.data;
      const scale = ({ type, min, max }) => ({ type, min, max, display: false });
      return {
        type: 'line',
        data: { datasets: this.datasets() },
        options: {
          animation: false,
          responsive: true,
          maintainAspectRatio: false,
          parsing: false,
          events: [],
          layout: { padding: room },
          scales: { x: scale({ ...x, min: x.type === 'linear' ? 0 : x.min }), y: scale(y) },
          plugins: { legend: { display: false }, tooltip: { enabled: false }, zoom: this.zoom() },
        },
        plugins: [
          {
            id: 'ruling',
            beforeDatasetsDraw: (chart) => this.rule(chart),
            afterDatasetsDraw: (chart) => this.mark(chart),
          },
        ],
      };
    }

    datasets() {
      return this.data.lines.flatMap((line) => {
        const edge = (end) => ({
          data: this.points(line.ranges.map((range) => range?.[end] ?? null)),
          showLine: true,
          borderWidth: 0,
          pointRadius: 0,
        });
        const band =
          line.ranges === undefined
            ? []
            : [edge(1), { ...edge(0), fill: '-1', backgroundColor: this.colourOf(line, BAND) }];
        return [...band, this.lineDataset(line)];
      });
    }

    lineDataset(line) {
      const { values, dash, solid } = line;
      const dotted = ({ p0, p1 }) => p1.parsed.x > solid.to + 1e-9 || p0.parsed.x < solid.from - 1e-9;
      return {
        data: this.points(values),
        clip: 8,
        borderColor: this.colourOf(line),
        borderWidth: 2,
        borderJoinStyle: 'round',
        pointRadius: 0,
        segment: {
          borderDash: (segment) => (dotted(segment) ? [0.1, 4] : dash),
          borderCapStyle: (segment) => (dotted(segment) ? 'round' : 'butt'),
        },
      };
    }

    points(values) {
      return values.map((y, index) => ({ x: this.data.at[index], y: y ?? Number.NaN }));
    }

    // Of the mark in the drawing below, so that both have it from the style sheet; weaker where the line is aside.
    colourOf(line, alpha = 1) {
      const hex = getComputedStyle(this.markOf(line)).getPropertyValue('--series').trim();
      return withAlpha(hex, this.isAside(line) ? FAINT * alpha : alpha);
    }

    markOf({ group }) {
      return [...this.field.querySelectorAll('[data-group]')].find((mark) => mark.dataset.group === group);
    }

    isAside(line) {
      return this.markOf(line).closest('.aside') !== null;
    }

    redraw() {
      this.chart.data.datasets = this.datasets();
      this.chart.update('none');
    }

    // Grid and ticks, as many as there is room for; and where values are read off.
    rule({ ctx, chartArea: area, scales }) {
      const { x, y, shaded } = this.data;
      ctx.save();
      if (shaded !== undefined) {
        ctx.fillStyle = colour('grid');
        ctx.fillRect(area.left, area.top, scales.x.getPixelForValue(shaded.to) - area.left, area.height);
      }
      ctx.font = `12px ${getComputedStyle(document.body).fontFamily}`;
      ctx.strokeStyle = colour('grid');
      ctx.fillStyle = colour('muted');
      ctx.lineWidth = 1;
      for (const { text, pixel } of shownTicks(x, scales.x, TICK_ROOM.x)) {
        stroke(ctx, [crisp(pixel), area.top], [crisp(pixel), area.bottom]);
        ctx.textAlign = 'center';
        ctx.fillText(text, pixel, area.bottom + 17);
      }
      for (const { text, pixel } of shownTicks(y, scales.y, TICK_ROOM.y)) {
        stroke(ctx, [area.left, crisp(pixel)], [area.right, crisp(pixel)]);
        ctx.textAlign = 'right';
        ctx.fillText(text, area.left - 8, pixel + 4);
      }
      ctx.restore();
    }

    // Of what is in sight: marks with the range of their trials, and where values are read off.
    mark({ ctx, chartArea: area, scales }) {
      const { at, marks, lines } = this.data;
      ctx.save();
      ctx.beginPath();
      ctx.rect(area.left - 8, area.top - 8, area.width + 16, area.height + 16);
      ctx.clip();
      for (const line of lines) {
        ctx.strokeStyle = this.colourOf(line);
        for (const x of marks) this.markAt(ctx, scales, { line, index: at.indexOf(x) });
      }
      for (const crossing of this.data.crossings ?? []) this.cross(ctx, { area, scales }, crossing);
      if (this.index !== undefined) {
        const pixel = scales.x.getPixelForValue(at[this.index]);
        ctx.strokeStyle = colour('ink');
        stroke(ctx, [pixel, area.top], [pixel, area.bottom]);
      }
      ctx.restore();
    }

    // Where two lines meet: a ring, a line down to the axis, and words beside it.
    cross(ctx, { area, scales }, { x, y, text, fromBottom }) {
      const [left, top] = [scales.x.getPixelForValue(x), scales.y.getPixelForValue(y)];
      ctx.strokeStyle = colour('ink');
      ctx.lineWidth = 1;
      ctx.setLineDash([2, 3]);
      stroke(ctx, [left, top], [left, area.bottom]);
      ctx.setLineDash([]);
      ctx.beginPath();
      ctx.arc(left, top, 5, 0, 2 * Math.PI);
      ctx.stroke();
      ctx.font = `12px ${getComputedStyle(document.body).fontFamily}`;
      ctx.fillStyle = colour('ink');
      ctx.textAlign = 'left';
      ctx.fillText(text, left + 6, area.bottom - fromBottom);
    }

    markAt(ctx, scales, { line, index }) {
      const value = line.values[index];
      if (value === null || value === undefined) return;
      const [left, top] = [scales.x.getPixelForValue(this.data.at[index]), scales.y.getPixelForValue(value)];
      const range = line.ranges?.[index];
      ctx.lineWidth = 1.25;
      if (range) stroke(ctx, ...range.map((end) => [left, scales.y.getPixelForValue(end)]));
      ctx.save();
      ctx.translate(left, top);
      ctx.scale(POINT_SCALE, POINT_SCALE);
      ctx.fillStyle = line.hollow ? colour('paper') : ctx.strokeStyle;
      ctx.strokeStyle = line.hollow ? ctx.strokeStyle : colour('paper');
      ctx.lineWidth = line.hollow ? 2.75 : 2;
      const path = pathOf(line.shape);
      ctx.stroke(path);
      ctx.fill(path);
      if (line.hollow) ctx.stroke(path);
      ctx.restore();
    }

    nearest(event) {
      const { at } = this.data;
      const box = this.chart.canvas.getBoundingClientRect();
      const value = this.chart.scales.x.getValueForPixel(event.clientX - box.left);
      let best = 0;
      for (const [index, x] of at.entries()) if (Math.abs(x - value) < Math.abs(at[best] - value)) best = index;
      return best;
    }

    key(event) {
      const { at } = this.data;
      const siblings = plots.filter((plot) => plot.read === this.read && plot.chart !== undefined);
      const steps = {
        ArrowRight: () => this.readAt(Math.min(at.length - 1, (this.index ?? -1) + 1)),
        ArrowLeft: () => this.readAt(Math.max(0, (this.index ?? at.length) - 1)),
        ArrowDown: () => siblings[siblings.indexOf(this) + 1]?.chart.canvas.focus(),
        ArrowUp: () => siblings[siblings.indexOf(this) - 1]?.chart.canvas.focus(),
        Escape: () => this.whole(),
      };
      const step = steps[event.key];
      if (step === undefined) return;
      event.preventDefault();
      step();
    }

    // Everything that the figure has there, the highest first, as the lines lie.
    readAt(index) {
      for (const plot of plots.filter(({ read }) => read === this.read))
        plot.point(plot.data.at.indexOf(this.data.at[index]));
      const own = plots.filter(({ figure }) => figure === this.figure);
      const texts = own.flatMap(({ data }) => {
        const known = data.lines.filter(
          (each) => each.texts[index] && (data.quantity !== undefined || !this.isAside(each)),
        );
        const sorted = known.toSorted((a, b) => b.values[index] - a.values[index]);
        return sorted.map(
          ({ label, solid, texts: all }) =>
            `${data.quantity ?? label} ${data.at[index] > solid.to + 1e-9 ? '≈ ' : ''}${all[index]}`,
        );
      });
      const [line] = this.data.lines;
      const name = this.data.quantity === undefined ? '' : `${line.label}, `;
      this.read.textContent = `${name}${this.data.atTexts[index]}: ${texts.join(' · ')}`;
    }

    point(index) {
      const next = index === undefined || index < 0 ? undefined : index;
      if (next === this.index) return;
      this.index = next;
      this.chart?.draw();
    }

    // By dragging over a part, or with the wheel while Ctrl is held, so that scrolling the page stays what it is.
    zoom() {
      const limits = ({ min, max }) => ({ min, max });
      return {
        limits: { x: limits(this.data.x), y: limits(this.data.y) },
        zoom: {
          mode: 'xy',
          drag: { enabled: this.data.quantity === undefined, backgroundColor: withAlpha(colour('muted'), 0.2) },
          wheel: { enabled: this.data.quantity === undefined, modifierKey: 'ctrl' },
          onZoomComplete: () => this.showWhole(),
        },
      };
    }

    showWhole() {
      const isZoomed = this.chart.isZoomedOrPanned();
      this.field.parentElement.classList.toggle('zoomed', isZoomed);
      const button = this.field.querySelector('button');
      if (!isZoomed) button?.remove();
      if (!isZoomed || button !== null) return;
      const whole = document.createElement('button');
      whole.type = 'button';
      whole.textContent = 'Whole range';
      whole.addEventListener('click', () => this.whole());
      this.field.append(whole);
    }

    whole() {
      this.chart.resetZoom('none');
      this.point(undefined);
      this.showWhole();
    }
  }

  // What the canvas has more than the plot on each side, for ticks, and marks at the edge: as the style sheet has it.
  function roomAround(field, overlay) {
    const [inner, outer] = [field, overlay].map((element) => element.getBoundingClientRect());
    return {
      left: inner.left - outer.left,
      right: outer.right - inner.right,
      top: inner.top - outer.top,
      bottom: outer.bottom - inner.bottom,
    };
  }

  // A line of one pixel between two rows of them is hardly there.
  const crisp = (pixel) => Math.round(pixel) - 0.5;

  function stroke(ctx, from, to) {
    ctx.beginPath();
    ctx.moveTo(...from);
    ctx.lineTo(...to);
    ctx.stroke();
  }

  // Ticks of as many levels as leave room between any two.
  function shownTicks({ ticks }, scale, room) {
    const seen = ticks.filter(({ value }) => value >= scale.min - 1e-9 && value <= scale.max * (1 + 1e-9));
    const placed = seen.map((tick) => ({ ...tick, pixel: scale.getPixelForValue(tick.value) }));
    const upTo = (level) => placed.filter((tick) => tick.level <= level);
    const fits = (some) =>
      some.every(({ pixel }, index) => index === 0 || Math.abs(pixel - some[index - 1].pixel) >= room);
    return [2, 1].map(upTo).find(fits) ?? upTo(0);
  }

  for (const field of document.querySelectorAll('.field[data-plot]')) plots.push(new Plot(field));

  // A plot is drawn when it comes near: a page of many begins at once.
  const near = new IntersectionObserver(
    (entries) => {
      for (const { isIntersecting, target } of entries) {
        if (!isIntersecting) continue;
        near.unobserve(target);
        plots.find(({ field }) => field === target).draw();
      }
    },
    { rootMargin: '300px' },
  );
  for (const { field } of plots) near.observe(field);

  const redraw = () => {
    for (const plot of plots) if (plot.chart !== undefined) plot.redraw();
  };
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', redraw);
  // The legend of the page has picked transports: marks of the others are aside.
  document.documentElement.addEventListener('pick', redraw);

  // What a bar is made of, in words, where its segments are too small for them.
  for (const bars of document.querySelectorAll('.bars')) {
    const read = bars.closest('section').querySelector('.read');
    const tell = ({ target }) => {
      const text = target.closest('li')?.querySelector('title')?.textContent;
      if (text !== undefined) read.textContent = text;
    };
    bars.addEventListener('pointerover', tell);
    bars.addEventListener('pointerdown', tell);
  }
})();
