interface ProcessRole {
  /** Of all processes that play it. */
  readonly label: string;
  /** Whether it is of the server: a backplane that takes work off the nodes must not make them look cheap. */
  readonly serves: boolean;
}

/** What processes of a trial are there for. */
export const PROCESS_ROLES = {
  node: { label: 'nodes', serves: true },
  redis: { label: 'Redis', serves: true },
  balancer: { label: 'balancer', serves: true },
  publisher: { label: 'publisher', serves: false },
  worker: { label: 'load generator', serves: false },
  link: { label: 'link', serves: false },
} as const satisfies Record<string, ProcessRole>;

export type Role = keyof typeof PROCESS_ROLES;

export const ROLES = Object.keys(PROCESS_ROLES) as [Role, ...Role[]];
export const SERVER_ROLES = ROLES.filter((role) => PROCESS_ROLES[role].serves);
