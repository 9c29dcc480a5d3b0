/** Asks again as soon as it is answered; the node answers when there is something new. */
export function follow({ since }, told, over) {
  const leaving = new AbortController();

  async function ask() {
    for (let last = since; ; ) {
      const answer = await fetch(`/next?since=${last}`, { signal: leaving.signal });
      if (!answer.ok) throw new Error(`the answer was ${answer.status}`);
      for (const entry of await answer.json()) last = told(entry);
    }
  }

  ask().catch(over);
  return () => leaving.abort();
}
