// What a page does by itself: the contents follow the reader, one legend highlights a transport everywhere, a command can be
// copied. Without it the page says the same.
(() => {
  const root = document.documentElement;

  // The legend. What is not picked steps aside, by a class on every mark, row and line that names its group; canvases hear of
  // it by an event. State is in the document, so print and a change of scheme keep it.
  const buttons = [...document.querySelectorAll('button[data-pick]')];
  const transportOf = (element) => element.dataset.group.split('/')[0];

  function pick() {
    const picked = buttons.filter((button) => button.ariaPressed === 'true').map((button) => button.dataset.pick);
    root.classList.toggle('picking', picked.length > 0);
    root.dataset.picked = picked.join(' ');
    for (const element of document.querySelectorAll('[data-group]')) {
      element.classList.toggle('aside', picked.length > 0 && !picked.includes(transportOf(element)));
    }
    root.dispatchEvent(new CustomEvent('pick', { detail: picked }));
  }

  for (const button of buttons) {
    button.addEventListener('click', () => {
      button.ariaPressed = String(button.ariaPressed !== 'true');
      pick();
    });
  }
  for (const control of document.querySelectorAll('[data-scripted]')) control.hidden = false;

  // Contents: the part that is read now.
  const bar = document.querySelector('.contents');
  const links = new Map([...document.querySelectorAll('.contents a')].map((link) => [link.hash.slice(1), link]));
  const parts = [...links.keys()].map((id) => document.getElementById(id));

  function follow() {
    const line = innerHeight / 3;
    const atEnd = scrollY + innerHeight >= root.scrollHeight - 2;
    const read = atEnd ? parts.at(-1) : parts.findLast((part) => part.getBoundingClientRect().top <= line);
    const now = links.get((read ?? parts[0]).id);
    if (now.ariaCurrent === 'true') return;
    for (const link of links.values()) link.ariaCurrent = null;
    now.ariaCurrent = 'true';
    bar.scrollTo({ left: now.offsetLeft - (bar.clientWidth - now.offsetWidth) / 2 });
  }

  if (parts.length > 0) {
    addEventListener('scroll', follow, { passive: true });
    addEventListener('resize', follow, { passive: true });
    follow();
  }

  // A command: to the clipboard where the browser lets it, otherwise selected.
  for (const button of document.querySelectorAll('button[data-copy]')) {
    button.addEventListener('click', async () => {
      const text = document.getElementById(button.dataset.copy);
      getSelection().selectAllChildren(text);
      try {
        await navigator.clipboard.writeText(text.textContent);
        button.textContent = 'Copied';
      } catch {
        button.textContent = 'Selected';
      }
    });
  }
})();
