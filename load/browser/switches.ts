import { join } from 'node:path';
import { sandboxSwitches } from '../machine/chromium.ts';

/**
 * What belongs to the window around a page, and not to the page. For each context it loads the suggestions of the address bar, which are
 * two web pages in a renderer of their own, and starts a renderer in advance: 0.8 s of CPU that a user's browser needs once.
 */
const OF_THE_WINDOW = [
  'WebUIOmniboxPopup',
  'WebUIOmniboxAimPopup',
  'WebUIOmniboxFullPopup',
  'PreloadTopChromeWebUI',
  'SpareRendererForSitePerProcess',
];
/** What else Chromium asks the world for, and how it would change an address. */
const OF_THE_WORLD = [
  'AimEnabled',
  'HttpsFirstBalancedModeAutoEnable',
  'HttpsUpgrades',
  'MediaRouter',
  'NetworkTimeServiceQuerying',
  'OptimizationHints',
  'PreconnectToSearch',
];

/** Nothing of the machine's own but what a page needs, and no way round the private network. */
const SWITCHES = [
  '--headless',
  '--disable-gpu',
  '--disable-background-networking',
  '--disable-breakpad',
  '--disable-component-update',
  '--disable-default-apps',
  '--disable-dev-shm-usage',
  '--disable-extensions',
  '--disable-sync',
  '--metrics-recording-only',
  '--mute-audio',
  '--no-default-browser-check',
  '--no-first-run',
  '--no-proxy-server',
  '--no-service-autorun',
  '--password-store=basic',
  '--use-mock-keychain',
  // A page that a user looks at is not slowed down, and each of these stands for one.
  '--disable-background-timer-throttling',
  '--disable-backgrounding-occluded-windows',
  '--disable-renderer-backgrounding',
  `--disable-features=${[...OF_THE_WINDOW, ...OF_THE_WORLD].join(',')}`,
];

export function profileOf(folder: string): string {
  return join(folder, 'profile');
}

/** With a profile in that folder, and to be spoken to by its pipe. */
export function switchesOf(folder: string): string[] {
  return [...SWITCHES, ...sandboxSwitches(), `--user-data-dir=${profileOf(folder)}`, '--remote-debugging-pipe'];
}
