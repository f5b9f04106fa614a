import { BlockList, isIP, isIPv6 } from 'node:net';

type Range = readonly [network: string, prefix: number];

/** IANA's special-purpose registries: our own networks, the cloud's metadata, other people's examples. */
const NOT_PUBLIC_V4: readonly Range[] = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
];

/** Of the global unicast range those that carry an IPv4 address inside, or none at all. */
const NOT_PUBLIC_V6: readonly Range[] = [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
];

const notPublic = blockListOf('ipv4', NOT_PUBLIC_V4);
const globalUnicast = blockListOf('ipv6', [['2000::', 3]]);
const notPublicV6 = blockListOf('ipv6', NOT_PUBLIC_V6);

/** Names that are resolved inside a network or a machine, or never (RFC 6761, 6762, 8375, and ICANN's `internal`). */
const PRIVATE_NAME = /(^|\.)(localhost|local|internal|intranet|lan|home|corp|private|test|invalid|onion|arpa)$/;

/** An address that whoever is outside may reach too: none of ours, of a neighbour's, or of the machine itself. */
export function isPublicAddress(address: string): boolean {
  if (isIPv6(address)) return globalUnicast.check(address, 'ipv6') && !notPublicV6.check(address, 'ipv6');
  return isIP(address) === 4 && !notPublic.check(address, 'ipv4');
}

/**
 * Whether a URL somebody gave us leads to the public web and nowhere else: https, its own port, no credentials, and a
 * host that is not private. A name may still resolve to a private address: who connects to it must look again then.
 */
export function isPublicUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, port, username, password, hostname } = new URL(text);
  if (protocol !== 'https:' || port !== '' || username !== '' || password !== '') return false;
  const host = hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '');
  if (isIP(host) !== 0) return isPublicAddress(host);
  return host.includes('.') && !PRIVATE_NAME.test(host);
}

function blockListOf(family: 'ipv4' | 'ipv6', ranges: readonly Range[]): BlockList {
  const list = new BlockList();
  for (const [network, prefix] of ranges) list.addSubnet(network, prefix, family);
  return list;
}
