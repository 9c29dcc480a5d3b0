import { basename, resolve } from 'node:path';
import type { ForeignServer } from '../generator.ts';
import type { TransportId } from '../../servers/registry.ts';
import type { Adapter } from './adapter.ts';
import { describeAdapter } from './apart/ask-adapter.ts';
import { resolveTarget } from './target-address.ts';

/** By the kind of its clients: the transport whose clients get messages in the same way. What a client of one's own does is pushed to. */
const NEAREST: Readonly<Record<Adapter['by'], TransportId>> = {
  websocket: 'websocket',
  events: 'sse',
  polling: 'polling',
  'long-polling': 'long-polling',
  socketio: 'socketio',
  own: 'websocket',
};

/** A target with its adapter, as a run knows them. */
export interface KnownServer {
  readonly server: ForeignServer;
  readonly nearest: TransportId;
}

/** Has the adapter read, in a process of its own, and finds the target, without a word to it. Throws `usage`, `adapter` or `target-unreachable`. */
export async function knowServer(target: string, adapterPath: string): Promise<KnownServer> {
  const path = resolve(adapterPath);
  const { by, label, isPublishedTo, hasClock } = await describeAdapter(path);
  const address = await resolveTarget(target);
  const whyNoBytes = whyNoBytesOf(by);
  return {
    nearest: NEAREST[by],
    server: {
      adapter: path,
      id: idOf(label, path),
      label: label.trim(),
      isPublishedTo,
      hasClock,
      ...(whyNoBytes !== undefined && { whyNoBytes }),
      address,
    },
  };
}

function whyNoBytesOf(by: Adapter['by']): string | undefined {
  return by === 'own' ? "the adapter's own client does not tell what its connections carry" : undefined;
}

/** In names of files, keys and columns; its label may be in any script. */
function idOf(label: string, path: string): string {
  const id = wordsOf(label);
  return id === '' ? wordsOf(basename(path)) : id;
}

function wordsOf(text: string): string {
  return text
    .normalize('NFKD')
    .replaceAll(/\p{M}/gu, '')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-|-$/g, '');
}
