const ETHERNET_BYTES = 14;
const ETHERTYPE_OFFSET = 12;
const IPV4 = 0x08_00;
const TCP = 6;
const UDP = 17;
/** The bits of an IPv4 header that say at which place of a packet this fragment begins. */
const FRAGMENT_PLACE = 0x1f_ff;

/** Whose port of a frame tells its flow: clients have a port for each connection, servers one for all. */
export type PortOf = 'sender' | 'receiver';

/** The flow that an Ethernet frame belongs to: a port of it; 0 for what has none, as ARP and ICMP. */
export function flowOf(frame: Uint8Array, length: number, portOf: PortOf): number {
  const at = (offset: number): number => ((frame[offset] ?? 0) << 8) | (frame[offset + 1] ?? 0);
  if (length < ETHERNET_BYTES + 20 || at(ETHERTYPE_OFFSET) !== IPV4) return 0;
  const protocol = frame[ETHERNET_BYTES + 9];
  if (protocol !== TCP && protocol !== UDP) return 0;
  if ((at(ETHERNET_BYTES + 6) & FRAGMENT_PLACE) !== 0) return 0;
  const ports = ETHERNET_BYTES + ((frame[ETHERNET_BYTES] ?? 0) & 0x0f) * 4;
  return length < ports + 4 ? 0 : at(portOf === 'sender' ? ports : ports + 2);
}
