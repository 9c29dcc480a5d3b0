// A person in a room: what is said there and to them, who is online, who is writing, through whichever door they chose.
(() => {
  const { health, read } = nodeReader;
  const { element, isolated, Messages, Online, Typists } = chatParts;
  const { ways, talks, tokenCookie, intervalMs, presence } = JSON.parse(
    document.getElementById('settings').textContent,
  );
  const SAY_TYPING_MS = 2000;
  const byId = (id) => document.getElementById(id);
  const wantsToken = tokenCookie !== undefined;

  class Conversation {
    constructor({ user, room, way }) {
      Object.assign(this, { user, way, channel: `room:${room}`, last: 0, attempts: 0 });
      this.saidTypingMs = Number.NEGATIVE_INFINITY;
      this.messages = new Messages(byId('messages'));
      this.messages.clear();
      this.online = new Online();
      this.typists = new Typists();
      byId('place').replaceChildren(isolated(user), ' in ', isolated(room));
      this.showOnline();
    }

    state(name, words) {
      const state = document.querySelector('.bar .state');
      if (state.textContent !== words) state.textContent = words;
      byId('conversation').dataset.state = name;
      byId('composer').querySelector('.main').disabled = name !== 'live';
    }

    /** Goes on where it was, by the way that is chosen; what it had until now is let go of when that stands. */
    async begin() {
      const turn = {};
      this.turn = turn;
      this.state('waiting', 'connecting');
      try {
        const { latest } = await health();
        this.firstSeq ??= latest;
        await this.online.count();
      } catch (error) {
        if (this.turn !== turn) return;
        if (error.isRefusal) leave(error.message);
        else this.over(error);
        return;
      }
      if (this.turn !== turn) return;
      this.showOnline();
      this.follow(turn);
    }

    follow(turn) {
      const { transport, values, label } = ways[this.way];
      this.before?.close();
      this.before = this.stream;
      const settings = { since: this.last, channels: [this.channel, presence], user: this.user, values, intervalMs };
      this.stream = followers[transport](settings, {
        live: () => this.turn === turn && this.live(`live by ${label}`),
        told: (entry) => (this.turn === turn ? this.told(read(entry)) : this.last),
        over: (error) => this.turn === turn && this.over(error),
      });
    }

    live(words) {
      this.state('live', words);
      const { before } = this;
      this.before = undefined;
      // Not in the same moment: the node shall know of the new one before the old one is gone.
      if (before !== undefined) setTimeout(() => before.close(), 1000);
    }

    end() {
      this.turn = undefined;
      this.stream?.close();
      this.stream = undefined;
      this.before?.close();
      this.before = undefined;
    }

    /** Others who lost their connection at the same moment come back at another one. */
    over(error) {
      this.end();
      this.state('away', `${error.message}: coming back`);
      for (const item of this.messages.open) this.failed(item, 'the connection ended before it was answered');
      this.attempts += 1;
      const turn = {};
      this.turn = turn;
      setTimeout(() => this.turn === turn && this.begin(), 1000 * Math.min(8, this.attempts) * (0.5 + Math.random()));
    }

    /** Returns where it goes on. */
    told(entry) {
      if (entry.signal !== undefined) this.signal(entry);
      else if (entry.notice !== undefined) this.notice(entry);
      else if (entry.seq > this.last) {
        this.last = entry.seq;
        this.attempts = 0;
        if (entry.channel === presence) this.presence(entry);
        else this.message(entry);
      }
      return this.last;
    }

    notice(notice) {
      this.last = notice.notice === 'gap' ? Math.max(this.last, notice.to) : notice.latest;
      this.messages.event(
        notice.notice === 'gap' ? 'What was said before is no longer kept.' : 'The node has begun anew.',
        this.last,
      );
      if (notice.notice === 'reset') this.online.changes = [];
      const { turn } = this;
      this.online.count().then(
        () => this.showOnline(),
        // Who is online is not known then, and coming back counts them.
        (error) => this.turn === turn && this.over(error),
      );
    }

    signal({ signal, from, channel }) {
      const isHere = channel === this.channel || channel === `user:${this.user}`;
      if (signal === 'typing' && from !== this.user && isHere) this.typists.seen(from);
    }

    presence(entry) {
      if (!this.online.change(entry)) return;
      this.showOnline();
      const { type, user } = entry.data;
      if (user === this.user || entry.seq <= this.firstSeq) return;
      this.messages.event(`${user} ${type === 'user_joined' ? 'is here' : 'has left'}`, entry.seq);
    }

    message(entry) {
      this.typists.forget(entry.from);
      this.messages.message(entry, {
        isMine: entry.from === this.user,
        isPrivate: entry.channel !== this.channel,
        isFresh: entry.seq > this.firstSeq,
      });
    }

    async say(text, to) {
      const channel = to === '' ? this.channel : `user:${to}`;
      const item = this.messages.say({ text, channel, ...(to !== '' && { to }) }, this.user);
      item.to = to;
      // What is written next is news again.
      this.saidTypingMs = Number.NEGATIVE_INFINITY;
      if (this.stream === undefined) {
        this.failed(item, 'there is no connection');
        return;
      }
      try {
        const answer = await this.stream.say({ type: 'send', channel, data: text });
        if (answer.error === undefined) this.messages.settle(item, answer.seq);
        else this.failed(item, answer.error);
      } catch (error) {
        this.failed(item, error.message);
      }
    }

    failed(item, why) {
      this.messages.fail(item, why, () => this.say(item.said.text, item.to));
    }

    typing(to) {
      const nowMs = performance.now();
      if (this.stream === undefined || nowMs - this.saidTypingMs < SAY_TYPING_MS) return;
      this.saidTypingMs = nowMs;
      const channel = to === '' ? this.channel : `user:${to}`;
      // It is said again soon, or was not that important.
      Promise.resolve(this.stream.say({ type: 'typing', channel })).catch(() => undefined);
    }

    showOnline() {
      const users = this.online.inOrder;
      byId('count').textContent = users.length;
      byId('online').replaceChildren(...users.map((user) => this.onlineItem(user)));
      const chosen = byId('to').value;
      const everybody = new Option('everybody here', '');
      byId('to').replaceChildren(
        everybody,
        ...users.filter((user) => user !== this.user).map((user) => new Option(user)),
      );
      // Whoever has left gets it when they are back, so the choice stays.
      if (chosen !== '' && !users.includes(chosen)) byId('to').append(new Option(chosen));
      byId('to').value = chosen;
    }

    onlineItem(user) {
      const item = element('li');
      const isMe = user === this.user;
      const name = element(isMe ? 'span' : 'button');
      name.append(isolated(user), isMe ? ' (you)' : '');
      if (!isMe) {
        name.type = 'button';
        name.addEventListener('click', () => {
          byId('to').value = user;
          byId('text').focus();
        });
      }
      item.append(name);
      return item;
    }
  }

  let conversation;

  /** Whom a token is for, as it says; the node looks whether that is so. */
  function nameIn(token) {
    try {
      const [, claims] = token.split('.');
      return JSON.parse(atob(claims.replaceAll('-', '+').replaceAll('_', '/'))).sub;
    } catch {
      return undefined;
    }
  }

  /** With every request of this page, whatever makes it; for no longer than the browser is open. */
  function keepToken(token, more = '') {
    document.cookie = `${tokenCookie}=${token}; path=/; SameSite=Strict${more}`;
  }

  function enter() {
    const user = wantsToken ? nameIn(byId('token').value) : byId('user').value;
    if (typeof user !== 'string') {
      byId('refusal').textContent = 'This is no token.';
      return;
    }
    if (wantsToken) keepToken(byId('token').value);
    else sessionStorage.setItem('user', user);
    const way = Number(byId('way').value);
    conversation = new Conversation({ user, room: byId('room').value, way });
    byId('other-way').value = way;
    byId('entrance').hidden = true;
    byId('conversation').hidden = false;
    showByHand();
    conversation.begin();
    byId('text').focus();
  }

  function leave(why = '') {
    conversation.end();
    conversation = undefined;
    if (wantsToken) keepToken('', '; max-age=0');
    byId('refusal').textContent = why;
    byId('conversation').hidden = true;
    byId('entrance').hidden = false;
    byId(wantsToken ? 'token' : 'user').focus();
  }

  /** How somebody at a terminal hears this room, and says something in it, by the transport that is chosen. */
  function showByHand() {
    const way = ways[conversation?.way ?? Number(byId('way').value)];
    const talk = talks[way.transport];
    const room = `room:${byId('room').value}`;
    const own = (text) => text.replaceAll('HOST', location.host).replaceAll('room:lobby', room);
    const line = (term, code) => {
      const definition = element('dd');
      definition.append(element('code', own(code)));
      return [element('dt', term), definition];
    };
    const said =
      talk?.say.command === undefined
        ? ['then type, a line after the other', talk?.say.typed.join('\n')]
        : ['to say something', talk.say.command];
    // A token is nothing for a page to write into a command.
    byId('by-hand').hidden = talk === undefined || wantsToken;
    if (talk !== undefined)
      byId('by-hand')
        .querySelector('dl')
        .replaceChildren(...line('to hear', talk.hear), ...line(...said));
  }

  byId('entrance').addEventListener('submit', (event) => {
    event.preventDefault();
    enter();
  });
  byId('leave').addEventListener('click', () => leave());
  byId('way').addEventListener('change', showByHand);
  byId('room').addEventListener('input', showByHand);
  byId('other-way').addEventListener('change', () => {
    conversation.way = Number(byId('other-way').value);
    showByHand();
    conversation.begin();
  });
  byId('composer').addEventListener('submit', (event) => {
    event.preventDefault();
    const text = byId('text').value;
    if (text.trim() === '') return;
    byId('text').value = '';
    conversation.say(text, byId('to').value);
  });
  byId('text').addEventListener('input', () => {
    if (byId('text').value !== '') conversation.typing(byId('to').value);
  });
  document.addEventListener('visibilitychange', () => {
    if (conversation !== undefined) conversation.messages.unread = 0;
  });
  addEventListener('pagehide', () => conversation?.end());
  addEventListener('pageshow', ({ persisted }) => persisted && conversation?.begin());

  setInterval(() => {
    const unread = conversation?.messages.unread ?? 0;
    document.title = `${unread > 0 ? `(${unread}) ` : ''}feedbench: chat`;
    byId('typing').textContent = conversation?.typists.words ?? '';
  }, 250);

  if (!wantsToken) byId('user').value = sessionStorage.getItem('user') ?? '';
  showByHand();
})();
