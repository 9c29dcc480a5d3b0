/** What is compared: a transport over a backplane on a number of nodes. */
export interface Variant {
  readonly transport: string;
  readonly backplane: string;
  readonly nodes: number;
}

/** `websocket, redis × 3`. */
export function variantLabel(variant: Variant): string {
  return `${variant.transport}, ${variant.backplane} × ${variant.nodes}`;
}
