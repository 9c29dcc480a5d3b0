// What a conversation is made of on its page: what is said, who is online, who is writing.
globalThis.chatParts = (() => {
  const { ageMs, inMilliseconds } = nodeReader;
  const MOST_SHOWN = 500;
  const MOST_CHANGES = 1000;
  const TYPING_MS = 4000;
  const MINE = 'mine';

  /** An element with a text, which stays text. */
  function element(name, text = '', className = '') {
    const made = document.createElement(name);
    made.textContent = text;
    if (className !== '') made.className = className;
    return made;
  }

  /** A name or a text, whose direction is its own affair. */
  function isolated(text) {
    return element('bdi', text);
  }

  function clockTime(date) {
    return date.toLocaleTimeString([], { hour: '2-digit', minute: '2-digit', second: '2-digit' });
  }

  function timeOf(entry) {
    return clockTime(new Date(Date.now() - ageMs(entry.dueNs)));
  }

  /** The clocks are not known better than that. */
  function delayInWords(ms) {
    return ms < 1 ? 'within 1 ms' : `after ${inMilliseconds(ms)}`;
  }

  /** What the room shows, in the order of the log. */
  class Messages {
    constructor(list) {
      this.list = list;
      this.scroller = list.parentElement;
      this.bySeq = new Map();
      /** What this page has said, as long as nobody knows what became of it. */
      this.open = new Set();
      this.unread = 0;
    }

    clear() {
      this.list.replaceChildren();
      this.bySeq.clear();
      this.open.clear();
    }

    /** Behind all that has a smaller number, or the same. */
    place(item, seq) {
      const { list, scroller } = this;
      const isAtEnd = scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < 40;
      item.dataset.seq = seq;
      let before = list.lastElementChild;
      while (before !== null && (before === item || Number(before.dataset.seq) > seq))
        before = before.previousElementSibling;
      if (before === null) list.prepend(item);
      else before.after(item);
      while (list.childElementCount > MOST_SHOWN) this.forget(list.firstElementChild);
      if (isAtEnd || item.classList.contains(MINE)) scroller.scrollTop = scroller.scrollHeight;
      return item;
    }

    /** A message of the log. */
    keep(item, seq) {
      this.bySeq.set(seq, item);
      return this.place(item, seq);
    }

    forget(item) {
      if (this.bySeq.get(Number(item.dataset.seq)) === item) this.bySeq.delete(Number(item.dataset.seq));
      this.open.delete(item);
      item.remove();
    }

    /** A line of the page's own, at the end of what there is. */
    event(text, seq = Number(this.list.lastElementChild?.dataset.seq ?? 0)) {
      const item = element('li', text, 'event');
      item.dir = 'auto';
      this.place(item, seq);
    }

    message(entry, { isMine, isPrivate, isFresh }) {
      const text = typeof entry.data === 'string' ? entry.data : JSON.stringify(entry.data);
      const own = isMine ? this.waiting(text, entry.channel) : undefined;
      if (own !== undefined && !this.bySeq.has(entry.seq)) this.settle(own, entry.seq);
      const item =
        this.bySeq.get(entry.seq) ??
        this.keep(this.item({ from: entry.from, text, channel: entry.channel }, isMine, isPrivate), entry.seq);
      item.querySelector('time').textContent = timeOf(entry);
      // What was said before this page came is as old as it is.
      if (isFresh) item.querySelector('.note').textContent = delayInWords(ageMs(entry.dueNs));
      if (document.hidden && !isMine && isFresh) this.unread += 1;
    }

    item({ from, text, channel, to }, isMine, isPrivate) {
      const item = element('li', '', isMine ? MINE : '');
      const head = element('div', '', 'head');
      const who = element('b');
      who.append(isolated(from));
      head.append(who);
      if (isPrivate) {
        const note = element('span', to === undefined ? 'to you alone' : 'to ', 'private');
        if (to !== undefined) note.append(isolated(to), ' alone');
        head.append(note);
      }
      head.append(element('time'), element('span', '', 'note'));
      const words = element('p', text);
      words.dir = 'auto';
      item.append(head, words);
      item.said = { text, channel };
      return item;
    }

    /** One of this page's own that has come back to it before its answer did. */
    waiting(text, channel) {
      return [...this.open].find(({ said }) => said.text === text && said.channel === channel);
    }

    say(said, user) {
      const item = this.item({ ...said, from: user }, true, said.to !== undefined);
      item.classList.add('pending');
      item.querySelector('time').textContent = clockTime(new Date());
      this.open.add(item);
      return this.place(item, Number.POSITIVE_INFINITY);
    }

    settle(item, seq) {
      if (!this.open.delete(item)) return;
      item.classList.remove('pending', 'failed');
      item.querySelector('.note').textContent = '';
      item.querySelector('button')?.remove();
      if (this.bySeq.has(seq)) item.remove();
      else this.keep(item, seq);
    }

    fail(item, why, again) {
      if (!this.open.has(item) || item.classList.contains('failed')) return;
      item.classList.replace('pending', 'failed');
      item.querySelector('.note').textContent = `not sent: ${why}`;
      const button = element('button', 'Send again');
      button.type = 'button';
      button.addEventListener('click', () => {
        this.forget(item);
        again();
      });
      item.append(button);
    }
  }

  /** Who is online: as they were counted last, and who came and went after that. */
  class Online {
    constructor() {
      this.users = new Set();
      this.seq = 0;
      this.changes = [];
    }

    async count() {
      const answer = await fetch('/presence', { cache: 'no-store' });
      const { seq, users, error } = await answer.json();
      if (!answer.ok) throw Object.assign(new Error(error), { isRefusal: answer.status === 401 });
      this.users = new Set(users);
      this.seq = seq;
      for (const change of this.changes) this.apply(change);
    }

    get inOrder() {
      return [...this.users].toSorted((left, right) => left.localeCompare(right));
    }

    /** Whether it is news. */
    change(entry) {
      this.changes.push(entry);
      if (this.changes.length > MOST_CHANGES) this.changes.shift();
      return this.apply(entry);
    }

    apply({ seq, data }) {
      if (seq <= this.seq || typeof data?.user !== 'string') return false;
      if (data.type === 'user_joined') this.users.add(data.user);
      else this.users.delete(data.user);
      return true;
    }
  }

  /** Whoever has just written, until they have not for a while. */
  class Typists {
    constructor() {
      this.lastMs = new Map();
    }

    seen(user) {
      this.lastMs.set(user, performance.now());
    }

    forget(user) {
      this.lastMs.delete(user);
    }

    get words() {
      const nowMs = performance.now();
      for (const [user, ms] of this.lastMs) if (nowMs - ms > TYPING_MS) this.lastMs.delete(user);
      const names = [...this.lastMs.keys()];
      if (names.length === 0) return '';
      if (names.length > 3) return `${names.length} people are writing …`;
      return `${names.join(', ')} ${names.length === 1 ? 'is' : 'are'} writing …`;
    }
  }

  return { element, isolated, Messages, Online, Typists };
})();
