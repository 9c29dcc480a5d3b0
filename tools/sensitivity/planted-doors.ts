import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TreeCopy } from '../tree-copy.ts';

/** A door that takes WebSocket's place, or stands beside it under a name of its own. */
export type DoorId = 'slower' | 'costlier';

const REGISTRY = 'servers/registry.ts';
const FILES = ['changed-log.ts', 'slower-door.ts', 'costlier-door.ts'];
const OWN_DOOR = "server: () => import('./websocket/server.ts')";

/** Files only: nothing uses them yet. */
export function plantDoors(copy: TreeCopy): void {
  for (const file of FILES) {
    const source = readFileSync(join(import.meta.dirname, file), 'utf8');
    copy.write(`servers/planted/${file}`, source.replaceAll("'../../servers/", "'../"));
  }
}

/** From here on the copy's WebSocket is that door, until the returned function is called. */
export function takePlaceOfWebSocket(copy: TreeCopy, door: DoorId): () => void {
  const registry = copy.read(REGISTRY);
  copy.change(REGISTRY, rowOfWebSocket(copy), (row) => row.replace(OWN_DOOR, importOf(door)));
  return () => copy.write(REGISTRY, registry);
}

/** A transport that is WebSocket but for its name, and its door where one is given. */
export function plantTransport(
  copy: TreeCopy,
  { id, label, door }: { readonly id: string; readonly label: string; readonly door?: DoorId },
): void {
  const planted = rowOfWebSocket(copy)
    .replace('websocket: {', `'${id}': {`)
    .replace(/label: .*/, `label: '${label}',`)
    .replace(/aliases: .*/, 'aliases: [],')
    .replace(/ *look: .*\n/, '')
    .replace(OWN_DOOR, (own) => (door === undefined ? own : importOf(door)));
  copy.change(REGISTRY, 'export const TRANSPORTS = {', (line) => `${line}\n${planted}`);
}

function rowOfWebSocket(copy: TreeCopy): string {
  const row = /^ {2}websocket: \{$[\s\S]*?^ {2}\},$/m.exec(copy.read(REGISTRY))?.[0];
  if (row === undefined) throw new Error(`${REGISTRY} has no row of WebSocket`);
  return row;
}

function importOf(door: DoorId): string {
  return `server: () => import('./planted/${door}-door.ts')`;
}
