/** Asks again as soon as it is answered; the node answers when there is something new. What is said goes by POST, and the goodbye. */
export function follow({ since, channels, user }, { live, told, over }) {
  const tab = Math.random().toString(36).slice(2);
  const who = user === undefined ? '' : `&channels=${channels}&user=${user}&tab=${tab}`;
  const headers = { 'Content-Type': 'application/json' };
  const leaving = new AbortController();

  async function ask() {
    for (let last = since; ; ) {
      const answering = fetch(`/next?since=${last}${who}`, { signal: leaving.signal });
      // An answer that is held says nothing until there is something.
      live();
      const answer = await answering;
      if (!answer.ok) throw new Error(`the answer was ${answer.status}`);
      for (const entry of await answer.json()) last = told(entry);
    }
  }

  async function say(command) {
    const body = JSON.stringify(command);
    return (await fetch(`/next?user=${user}`, { method: 'POST', headers, body })).json();
  }

  function close() {
    leaving.abort();
    const goodbye = JSON.stringify({ type: 'leave', channel: `user:${user}` });
    if (user !== undefined) navigator.sendBeacon(`/next?user=${user}&tab=${tab}`, goodbye);
  }

  ask().catch(over);
  return { say, close };
}
