// Own numbers: what the functions of the decision table say of them.
(() => {
  const form = document.querySelector('.own-numbers');
  if (form === null) return;
  const model = JSON.parse(document.getElementById('cost-model').textContent);
  const output = form.querySelector('output');
  // As the table has them: three digits, whole numbers in full.
  const digits = (value) => {
    const decimals = Math.max(0, 2 - Math.floor(Math.log10(value)));
    const least = Math.min(decimals, 3);
    return value.toLocaleString('en-US', { minimumFractionDigits: least, maximumFractionDigits: least });
  };
  const bytes = (value) => {
    if (value >= 1e6) return `${digits(value / 1e6)} MB`;
    return value >= 1e4 ? `${digits(value / 1e3)} kB` : `${digits(value)} B`;
  };
  const time = (ns) => {
    if (ns >= 1e9) return `${digits(ns / 1e9)} s`;
    return ns >= 1e6 ? `${digits(ns / 1e6)} ms` : `${digits(ns / 1e3)} µs`;
  };
  const least = (offers, of) => offers.toSorted((a, b) => of(a) - of(b))[0];

  const say = (offer) => {
    const interval = offer.intervalNs > 0 ? ` every ${time(offer.intervalNs)}` : '';
    const cores = `${offer.cores.toLocaleString('en-US')} ${offer.cores === 1 ? 'core' : 'cores'}`;
    return `${offer.name}${interval} (${bytes(offer.bytesPerSecond)} and ${time(offer.cpuNsPerSecond)} of server CPU a second for each client, ${cores} for all)`;
  };

  function answer() {
    const demand = {
      messagesPerSecond: Number(form.elements.rate.value),
      clients: Number(form.elements.clients.value),
      withinNs: Number(form.elements.seconds.value) * 1e9,
    };
    if (!Object.values(demand).every((value) => Number.isFinite(value) && value > 0))
      return 'Each of them is a number above 0.';
    const offers = feedbench.offersOf(model, demand);
    const inBytes = least(offers, (offer) => offer.bytesPerSecond);
    const inCpu = least(offers, (offer) => offer.cpuNsPerSecond);
    if (inBytes === undefined) return 'Nothing that was measured here can be so fresh.';
    const text = inBytes === inCpu ? `${say(inBytes)}.` : `Fewest bytes: ${say(inBytes)}. Least CPU: ${say(inCpu)}.`;
    const reach = Math.max(inBytes.reach, inCpu.reach);
    return reach > 10
      ? `${text} That is ${digits(reach)} times beyond what was measured: the model was not checked there.`
      : text;
  }

  const update = () => {
    output.textContent = answer();
  };
  form.addEventListener('input', update);
  form.addEventListener('submit', (event) => event.preventDefault());
  update();
})();
