/** Asks every so often for what is new. What is said goes by POST; so does the goodbye, as no connection would tell it. */
export function follow({ since, channels, user, intervalMs }, { live, told, over }) {
  const tab = Math.random().toString(36).slice(2);
  const who = user === undefined ? '' : `&channels=${channels}&user=${user}&tab=${tab}`;
  const headers = { 'Content-Type': 'application/json' };
  const leaving = new AbortController();
  let last = since;

  async function poll() {
    const answer = await fetch(`/messages?since=${last}${who}`, { signal: leaving.signal });
    if (!answer.ok) throw new Error(`the answer was ${answer.status}`);
    live();
    for (const entry of await answer.json()) last = told(entry);
  }

  async function say(command) {
    const body = JSON.stringify(command);
    return (await fetch(`/messages?user=${user}`, { method: 'POST', headers, body })).json();
  }

  function close() {
    clearInterval(timer);
    leaving.abort();
    const goodbye = JSON.stringify({ type: 'leave', channel: `user:${user}` });
    if (user !== undefined) navigator.sendBeacon(`/messages?user=${user}&tab=${tab}`, goodbye);
  }

  const ask = () => poll().catch(over);
  const timer = setInterval(ask, intervalMs);
  ask();
  return { say, close };
}
