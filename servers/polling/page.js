/** Asks every so often for what is new. What is said goes by POST; so does the goodbye, as no connection would tell it. */
export function follow({ since, channels, user, intervalMs }, { live, told, over }) {
  const tab = Math.random().toString(36).slice(2);
  const who = user === undefined ? '' : `&channels=${channels}&user=${user}&tab=${tab}`;
  const headers = { 'Content-Type': 'application/json' };
  const leaving = new AbortController();
  let last = since;
  let asking = false;
  let saying = Promise.resolve();

  async function poll() {
    const answer = await fetch(`/messages?since=${last}${who}`, { signal: leaving.signal });
    const { ok, status } = answer;
    if (!ok) throw new Error(`the answer was ${status}`, { cause: { code: 'http-status', status } });
    live();
    for (const entry of await answer.json()) last = told(entry);
    asking = false;
  }

  async function post(command) {
    const body = JSON.stringify(command);
    return (await fetch(`/messages?user=${user}`, { method: 'POST', headers, body })).json();
  }

  /** One after the other: two requests at once may be done in either order. */
  function say(command) {
    saying = saying.catch(() => undefined).then(() => post(command));
    return saying;
  }

  function close() {
    clearInterval(timer);
    leaving.abort();
    const goodbye = JSON.stringify({ type: 'leave', channel: `user:${user}` });
    if (user !== undefined) navigator.sendBeacon(`/messages?user=${user}&tab=${tab}`, goodbye);
  }

  /** Who still waits for an answer would be told twice what is in the next. */
  function ask() {
    if (asking) return;
    asking = true;
    poll().catch(over);
  }

  const timer = setInterval(ask, intervalMs);
  ask();
  return { say, close };
}
