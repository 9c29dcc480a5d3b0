/**
 * What the guide's ReconnectingWebSocket waits before each of its tries until it gives up: its lines, with a connection that is closed
 * at once instead of a WebSocket, and a timer that does not wait.
 */
export function guidesWaitsMs(random: () => number): number[] {
  const maxRetries = 10;
  const baseDelayMs = 1000;
  const waitsMs: number[] = [];
  let retryCount = 0;
  const onclose = (): void => {
    if (retryCount >= maxRetries) return;
    const delayMs = Math.min(baseDelayMs * 2 ** retryCount, 30_000);
    const jitterMs = delayMs * 0.2 * random();
    waitsMs.push(delayMs + jitterMs);
    retryCount++;
    onclose();
  };
  onclose();
  return waitsMs;
}
