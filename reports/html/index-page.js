// The list of runs: a filter by scenario, and ticks that set runs side by side. Without it nothing is lost but these.
(() => {
  const all = (selector) => [...document.querySelectorAll(selector)];
  const { metrics, runs, command } = JSON.parse(document.getElementById('runs').textContent);
  // Runs of other scenarios may have other figures.
  const amountOf = (id, label, metric) => {
    const index = runs[id].metrics.indexOf(metric);
    const found = index < 0 ? null : (runs[id].variants.find(([name]) => name === label)?.[index + 1] ?? null);
    if (found === null) return null;
    const [text, range, centre, low, high] = found;
    return { text, range, centre, low, high };
  };
  const panel = document.getElementById('side-by-side');
  const say = document.getElementById('ticked');
  const line = document.getElementById('compare-command');
  const copy = document.getElementById('copy-command');
  for (const element of all('[data-script]')) element.hidden = false;

  const SVG = 'http://www.w3.org/2000/svg';
  const set = (element, attributes) => {
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    return element;
  };
  const add = (parent, name, text = '') => {
    const element = parent.appendChild(document.createElement(name));
    element.textContent = text;
    return element;
  };
  const draw = (parent, name, attributes) => set(parent.appendChild(document.createElementNS(SVG, name)), attributes);

  const filters = all('button[data-scenario]');
  for (const button of filters) {
    button.addEventListener('click', () => {
      const { scenario } = button.dataset;
      for (const other of filters) other.setAttribute('aria-pressed', String(other === button));
      for (const row of all('tr[data-scenario]')) row.hidden = scenario !== '' && row.dataset.scenario !== scenario;
    });
  }

  // Centres and ranges of one figure on one logarithmic scale.
  const drawAmount = (cell, amount, [least, most]) => {
    if (amount === null) {
      cell.textContent = 'n/a';
      return;
    }
    add(cell, 'span', amount.text);
    const span = Math.log(most / least) || 1;
    const place = (value) => `${(100 * Math.log(value / least)) / span}%`;
    const svg = draw(cell, 'svg', { class: 'range', width: '100%', height: '10', 'aria-hidden': 'true' });
    draw(svg, 'line', { x1: place(amount.low), x2: place(amount.high), y1: '5', y2: '5' });
    draw(svg, 'circle', { cx: place(amount.centre), cy: '5', r: '3.5' });
    if (amount.range !== '') add(cell, 'small', amount.range);
  };

  const drawPanel = (ticked) => {
    panel.replaceChildren();
    const labels = [...new Set(ticked.flatMap((id) => runs[id].variants.map(([label]) => label)))];
    for (const [index, metric] of metrics.entries()) {
      if (!ticked.some((id) => runs[id].metrics.includes(index))) continue;
      add(panel, 'h3', metric);
      const table = add(panel, 'table');
      const head = add(add(table, 'thead'), 'tr');
      set(add(head, 'th', 'variant'), { scope: 'col' });
      for (const id of ticked) set(add(head, 'th', runs[id].title), { scope: 'col' });
      const body = add(table, 'tbody');
      for (const label of labels) {
        const amounts = ticked.map((id) => amountOf(id, label, index));
        const known = amounts.filter((amount) => amount !== null && amount.low > 0);
        const ends = [Math.min(...known.map(({ low }) => low)), Math.max(...known.map(({ high }) => high))];
        const row = add(body, 'tr');
        set(add(row, 'th', label), { scope: 'row' });
        for (const [place, amount] of amounts.entries()) {
          const cell = set(add(row, 'td'), { 'data-label': runs[ticked[place]].title });
          drawAmount(cell, amount, ends);
        }
      }
    }
  };

  const ticks = all('input[data-run]');
  const update = () => {
    // The list has the newest first; a comparison begins with the oldest.
    const ticked = ticks
      .filter(({ checked }) => checked)
      .map(({ dataset }) => dataset.run)
      .toReversed();
    const scenarios = new Set(ticked.map((id) => runs[id].name));
    const enough = ticked.length > 1;
    const warning =
      scenarios.size > 1 ? 'These are different scenarios: their figures answer different questions. ' : '';
    say.textContent = enough
      ? `${warning}For ratios with intervals:`
      : 'Tick two runs or more to set them side by side.';
    line.textContent = enough ? `${command} ${ticked.map((id) => runs[id].argument).join(' ')}` : '';
    line.hidden = !enough;
    copy.hidden = !enough;
    copy.textContent = 'copy';
    if (enough) drawPanel(ticked);
    else panel.replaceChildren();
  };
  for (const tick of ticks) tick.addEventListener('change', update);
  update();
  copy.addEventListener('click', async () => {
    try {
      await navigator.clipboard.writeText(line.textContent);
      copy.textContent = 'copied';
    } catch {
      copy.textContent = 'select it, and copy';
    }
  });
})();
