import { BACK_CLAIMS } from './rows/back-claims.ts';
import { BROWSER_CLAIMS } from './rows/browser-claims.ts';
import { COST_CLAIMS } from './rows/cost-claims.ts';
import { FRESHNESS_CLAIMS } from './rows/freshness-claims.ts';
import { LIBRARY_CLAIMS } from './rows/library-claims.ts';
import { SECURITY_CLAIMS } from './rows/security-claims.ts';
import type { Claim } from './verdict.ts';

/**
 * The claims of a guide on WebSockets that carry a number, a superlative or a comparison, and what the standard warns of that the
 * guide leaves out, each with the rule that decides it. Bounds leave room for chance: what lies near one would get another verdict the next time.
 */
export const CLAIMS: readonly Claim[] = [
  ...COST_CLAIMS,
  ...FRESHNESS_CLAIMS,
  ...BACK_CLAIMS,
  ...SECURITY_CLAIMS,
  ...LIBRARY_CLAIMS,
  ...BROWSER_CLAIMS,
];

/** What the guide says too, and nothing here can measure. */
export const UNTESTABLE = [
  {
    said: 'The most popular WebSocket library for Node.js is ws',
    reason: 'popularity is counted by a registry, not by a measurement',
  },
  {
    said: 'ws … provides a clean API for handling connections, broadcasting messages, and managing rooms',
    reason: 'what is clean is a matter of taste; that ws knows no rooms stands in the table above',
  },
  {
    said: 'There are two common workarounds for authenticating WebSocket connections',
    reason: 'what is common nobody here can count; a cookie and a subprotocol are two more that browsers send',
  },
] as const;
