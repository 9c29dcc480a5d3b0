// Draws every canvas of the page from the JSON beside it. Colours come from the style sheet, so that charts follow the
// scheme; what JSON cannot hold (formatters, dashes by position) is named there and looked up here.
(() => {
  const significant = (value) => {
    if (value === 0) return '0';
    const decimals = Math.min(3, Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value)))));
    return value.toLocaleString('en-US', { maximumFractionDigits: decimals });
  };
  const FORMATS = {
    number: significant,
    seconds: (value) => `${significant(value)} s`,
    milliseconds: (value) => (value >= 1000 ? `${significant(value / 1000)} s` : `${significant(value)} ms`),
    microseconds: (value) => `${significant(value)} µs`,
    bytes: (value) => (value >= 1e4 ? `${significant(value / 1e3)} kB` : `${significant(value)} B`),
    percent: (value) => `${significant(value)} %`,
    percentile: (position) => {
      const percentile = 100 * (1 - 10 ** -position);
      return `p${Number(percentile.toFixed(Math.max(0, Math.ceil(position) - 1)))}`;
    },
  };

  const css = getComputedStyle(document.documentElement);
  const colour = (name) => css.getPropertyValue(`--${name}`).trim();
  const translucent = (hex, share) =>
    `${hex}${Math.round(share * 255)
      .toString(16)
      .padStart(2, '0')}`;

  function lineDataset({ label, data, look, hollow, solid, marks }) {
    const hex = colour(look.colour);
    const stroke = look.light ? translucent(hex, 0.6) : hex;
    return {
      label,
      data,
      spanGaps: true,
      // Markers at the edge of the chart are whole.
      clip: 8,
      borderColor: stroke,
      backgroundColor: hollow ? 'transparent' : stroke,
      borderWidth: look.light ? 1.75 : 2.5,
      pointStyle: look.marker,
      pointRadius: marks === undefined ? 2 : data.map(({ x }) => (marks.includes(x) ? 4 : 0)),
      pointHoverRadius: 5,
      pointBorderColor: stroke,
      pointBorderWidth: hollow ? 2 : 1,
      pointBackgroundColor: hollow ? colour('paper') : stroke,
      segment: {
        borderDash: ({ p0, p1 }) => (p1.parsed.x > solid.to || p0.parsed.x < solid.from ? [3, 4] : undefined),
      },
    };
  }

  function barDataset({ label, data, colour: name, hollow }) {
    const fill = colour(name);
    return {
      label,
      data,
      backgroundColor: hollow.map((one) => (one ? 'transparent' : fill)),
      borderColor: fill,
      borderWidth: hollow.map((one) => (one ? 2 : 0)),
      maxBarThickness: 26,
    };
  }

  function axis({ title, format, values, ...rest }) {
    return {
      ...rest,
      title: { display: title !== undefined, text: title, color: colour('muted') },
      grid: { color: colour('grid') },
      border: { color: colour('line') },
      ticks: {
        color: colour('muted'),
        maxRotation: 0,
        autoSkipPadding: 14,
        ...(format === undefined ? {} : { callback: (value) => FORMATS[format](value) }),
      },
      ...(values === undefined
        ? {}
        : {
            afterBuildTicks: (scale) => {
              scale.ticks = values
                .filter((value) => value >= scale.min && value <= scale.max)
                .map((value) => ({ value }));
            },
          }),
    };
  }

  const everyLabel = (one) => ({ ...one, ticks: { ...one.ticks, autoSkip: false } });

  function lineOptions({ value, along }) {
    return {
      interaction: { mode: 'nearest', axis: 'x', intersect: false },
      scales: { x: axis(along), y: axis(value) },
      plugins: {
        legend: { labels: {} },
        tooltip: {
          callbacks: {
            title: ([first]) => (first === undefined ? '' : FORMATS[along.format](first.parsed.x)),
            label: ({ dataset, parsed }) => `${dataset.label}: ${FORMATS[value.format](parsed.y)}`,
          },
        },
      },
    };
  }

  // A legend takes the look of the first bar, which may be a hollow one; here it shows what the colours mean.
  function barLegend(chart) {
    return Chart.defaults.plugins.legend.labels
      .generateLabels(chart)
      .map((item) => ({ ...item, fillStyle: chart.data.datasets[item.datasetIndex].borderColor, lineWidth: 0 }));
  }

  function barOptions({ value }) {
    return {
      indexAxis: 'y',
      scales: { x: axis({ ...value, stacked: true }), y: everyLabel(axis({ stacked: true })) },
      plugins: {
        legend: { labels: { generateLabels: barLegend, pointStyle: 'rect' } },
        tooltip: {
          callbacks: { label: ({ dataset, parsed }) => `${dataset.label}: ${FORMATS[value.format](parsed.x)}` },
        },
      },
    };
  }

  function configOf(drawing) {
    const isLine = drawing.type === 'line';
    const { plugins, ...options } = isLine ? lineOptions(drawing) : barOptions(drawing);
    return {
      type: drawing.type,
      data: { labels: drawing.labels, datasets: drawing.datasets.map(isLine ? lineDataset : barDataset) },
      options: {
        animation: false,
        responsive: true,
        maintainAspectRatio: false,
        ...options,
        plugins: {
          ...plugins,
          legend: {
            display: drawing.datasets.length > 1,
            position: 'bottom',
            labels: { color: colour('ink'), usePointStyle: true, boxHeight: 7, padding: 14, ...plugins.legend.labels },
          },
        },
      },
    };
  }

  const charts = [];
  function draw() {
    for (const chart of charts.splice(0)) chart.destroy();
    for (const canvas of document.querySelectorAll('canvas[data-chart]')) {
      const drawing = JSON.parse(document.getElementById(canvas.dataset.chart).textContent);
      charts.push(new Chart(canvas, configOf(drawing)));
    }
  }

  // Paper is white.
  function print(printing) {
    document.documentElement.classList.toggle('printing', printing);
    draw();
  }

  Chart.defaults.font.family = getComputedStyle(document.body).fontFamily;
  draw();
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', draw);
  addEventListener('beforeprint', () => print(true));
  addEventListener('afterprint', () => print(false));
})();
