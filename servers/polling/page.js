/** Asks every so often for what is new. */
export function follow({ since, intervalMs }, told, over) {
  let last = since;

  async function poll() {
    const answer = await fetch(`/messages?since=${last}`);
    if (!answer.ok) throw new Error(`the answer was ${answer.status}`);
    for (const entry of await answer.json()) last = told(entry);
  }

  const timer = setInterval(() => poll().catch(over), intervalMs);
  return () => clearInterval(timer);
}
