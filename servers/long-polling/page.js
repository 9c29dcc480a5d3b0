/** Asks again as soon as it is answered; the node answers when there is something new. What is said goes by POST, and the goodbye. */
export function follow({ since, channels, user }, { live, told, over }) {
  const tab = Math.random().toString(36).slice(2);
  const who = user === undefined ? '' : `&channels=${channels}&user=${user}&tab=${tab}`;
  const headers = { 'Content-Type': 'application/json' };
  const leaving = new AbortController();
  let saying = Promise.resolve();

  async function ask() {
    for (let last = since; ; ) {
      // Who says no place is answered at once, with all there is.
      const place = last === undefined ? '' : `since=${last}`;
      const answering = fetch(`/next?${place}${who}`, { signal: leaving.signal });
      // An answer that is held says nothing until there is something.
      if (last !== undefined) live();
      const answer = await answering;
      const { ok, status } = answer;
      if (!ok) throw new Error(`the answer was ${status}`, { cause: { code: 'http-status', status } });
      for (const entry of await answer.json()) last = told(entry);
      last ??= 0;
    }
  }

  async function post(command) {
    const body = JSON.stringify(command);
    return (await fetch(`/next?user=${user}`, { method: 'POST', headers, body })).json();
  }

  /** One after the other: two requests at once may be done in either order. */
  function say(command) {
    saying = saying.catch(() => undefined).then(() => post(command));
    return saying;
  }

  function close() {
    leaving.abort();
    const goodbye = JSON.stringify({ type: 'leave', channel: `user:${user}` });
    if (user !== undefined) navigator.sendBeacon(`/next?user=${user}&tab=${tab}`, goodbye);
  }

  ask().catch(over);
  return { say, close };
}
