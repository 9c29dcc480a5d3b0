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

  function lineStyle({ look, hollow, dashedBeyond, points }) {
    const hex = colour(look.colour);
    const stroke = look.light ? translucent(hex, 0.55) : hex;
    return {
      borderColor: stroke,
      backgroundColor: hollow ? 'transparent' : stroke,
      borderWidth: look.light ? 1.75 : 2.5,
      pointRadius: points ? 2 : 0,
      pointHoverRadius: 4,
      pointBorderColor: stroke,
      pointBackgroundColor: hollow ? colour('card') : stroke,
      ...(dashedBeyond === undefined
        ? {}
        : { segment: { borderDash: ({ p1 }) => (p1.parsed.x > dashedBeyond ? [3, 4] : undefined) } }),
    };
  }

  function barStyle({ look, hollow }) {
    const fill = (index) => {
      if (hollow?.[index]) return 'transparent';
      return look.light ? translucent(colour(look.colour), 0.55) : colour(look.colour);
    };
    const count = hollow?.length ?? 0;
    return {
      backgroundColor: count > 0 ? Array.from({ length: count }, (_, index) => fill(index)) : fill(0),
      borderColor: colour(look.colour),
      borderWidth: count > 0 ? hollow.map((one) => (one ? 2 : 0)) : 0,
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
        autoSkip: rest.type !== 'category',
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

  function configOf({ type, labels, datasets, axes, valueAxis, stacked }) {
    const along = valueAxis === 'x' ? 'x' : 'y';
    const other = along === 'x' ? 'y' : 'x';
    const style = type === 'line' ? lineStyle : barStyle;
    return {
      type,
      data: {
        labels,
        datasets: datasets.map(({ label, data, ...rest }) => ({ label, data, spanGaps: true, ...style(rest) })),
      },
      options: {
        animation: false,
        responsive: true,
        maintainAspectRatio: false,
        ...(type === 'bar' ? { indexAxis: other } : { interaction: { mode: 'nearest', axis: 'x', intersect: false } }),
        scales: {
          [along]: axis({ ...axes.value, stacked }),
          [other]: axis({ ...axes.other, stacked }),
        },
        plugins: {
          legend: {
            display: datasets.length > 1,
            position: 'bottom',
            labels: { color: colour('ink'), usePointStyle: true, boxHeight: 7, padding: 14 },
          },
          tooltip: {
            callbacks: {
              ...(type === 'line' && axes.other.format !== undefined
                ? { title: ([first]) => (first === undefined ? '' : FORMATS[axes.other.format](first.parsed.x)) }
                : {}),
              label: ({ dataset, parsed }) => `${dataset.label}: ${FORMATS[axes.value.format](parsed[along])}`,
            },
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
  Chart.defaults.font.family = getComputedStyle(document.body).fontFamily;
  draw();
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', draw);
  addEventListener('beforeprint', () => {
    for (const chart of charts) chart.resize();
  });
})();
