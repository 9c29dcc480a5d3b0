import { type LinkName, LINKS } from './links.ts';

/** The rows of what lies on the path between clients and nodes, as in `scenarios/dimensions.ts`, which says what is in them. */
export const PATH_DIMENSIONS = {
  balancer: {
    option: 'balancer',
    label: 'balancer',
    summary: 'what stands between clients and nodes, and spreads them',
    of: 'path',
    values: {
      kind: 'choice',
      of: {
        none: 'nothing: clients are told the addresses of all nodes',
        nginx: 'one address for all nodes, that of nginx',
        haproxy: 'one address for all nodes, that of HAProxy',
      },
    },
    usual: 'none',
    say: (text: string) => `behind ${text}`,
  },
  tuning: {
    option: 'tuning',
    label: 'settings of the balancer',
    summary: 'how the balancer is set up',
    of: 'path',
    hangsOn: 'balancer',
    values: {
      kind: 'choice',
      of: {
        stock: 'as Debian installs it, with the lines for a proxy that most guides give',
        tuned: 'as one should write it in front of such nodes',
      },
    },
    usual: 'tuned',
    say: (text: string) => `${text} settings`,
  },
  link: {
    option: 'link',
    label: 'link between',
    summary: 'what lies between clients and what they connect to',
    of: 'path',
    values: {
      kind: 'choice',
      of: {
        none: 'a wire without delay',
        lan: LINKS.lan.summary,
        broadband: LINKS.broadband.summary,
        mobile: LINKS.mobile.summary,
      } satisfies Record<LinkName | 'none', string>,
    },
    usual: 'none',
    say: (text: string) => `over ${text}`,
  },
  delayNs: {
    option: 'delay',
    label: 'delay',
    summary: 'how long a packet is under way, one way, such as 50ms; 0ms: as the link has it',
    of: 'path',
    values: { kind: 'time', bounds: { least: '0ms', most: '5s' } },
    usual: 0,
    say: (text: string) => `${text} each way`,
  },
  rate: {
    option: 'rate',
    label: 'line rate',
    summary: 'what the line of each connection carries, both ways, such as 10mbit; 0bit: as the link has it',
    of: 'path',
    values: { kind: 'rate', least: 1000, most: 10e9 },
    usual: 0,
    say: (text: string) => `at ${text}`,
  },
  loss: {
    option: 'loss',
    label: 'packet loss',
    summary: 'how many packets are lost, either way, such as 1%; 0%: as the link has it',
    of: 'path',
    values: { kind: 'share', most: 0.5 },
    usual: 0,
    say: (text: string) => `${text} lost`,
  },
} as const;
