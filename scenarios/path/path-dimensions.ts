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
  tls: {
    option: 'tls',
    label: 'encryption',
    summary: 'whether what crosses is encrypted by TLS',
    of: 'path',
    asksClients: true,
    values: {
      kind: 'choice',
      of: {
        off: 'nothing is: TCP alone',
        'tls1.3': 'all is, with a certificate of an authority that the trial makes and throws away',
      },
    },
    usual: 'off',
    say: (text: string) => `over ${text === 'tls1.3' ? 'TLS 1.3' : text}`,
  },
  resumption: {
    option: 'resumption',
    label: 'resumption',
    summary: 'whether a client that connects again over TLS goes on with its session',
    of: 'path',
    hangsOn: 'tls',
    asksClients: true,
    ofClients: true,
    values: {
      kind: 'choice',
      of: {
        on: 'it shows the ticket that it was given, and no certificate is needed',
        off: 'it begins anew each time',
      },
    },
    usual: 'on',
    say: (text: string) => `resumption ${text}`,
  },
} as const;
