import { BlockList, isIP } from 'node:net'

/** Which addresses users' URLs may lead to. */
export interface AddressRules {
  /** The operator named this address's network. */
  isAllowed(address: string): boolean
  /** https goes to the public internet and to what the operator named; plain http only to the latter. */
  mayCall(address: string, protocol: string): boolean
}

// IANA's special-purpose registries, and the metadata services that hide behind public addresses
const CLOSED_V4 = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '168.63.129.16/32', // Azure's host agent
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.52.193.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
]
const OPEN_V6 = ['2000::/3'] // all that is handed out; loopback, local, mapped, NAT64 and multicast lie outside
const CLOSED_V6 = ['2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20']

const openV6 = blockList(OPEN_V6)
const closedV6 = blockList(CLOSED_V6)
const closedV4 = blockList(CLOSED_V4)

/** `networks` are CIDR ranges or single addresses; throws on anything else. */
export function addressRules(networks: readonly string[]): AddressRules {
  const v4 = blockList(networks.filter((network) => !network.includes(':')))
  const v6 = blockList(networks.filter((network) => network.includes(':')))
  const isAllowed = (address: string) =>
    isIP(address) === 4 ? v4.check(address, 'ipv4') : isIP(address) === 6 && v6.check(address, 'ipv6')
  return { isAllowed, mayCall: (address, protocol) => isAllowed(address) || (protocol === 'https:' && isPublic(address)) }
}

function isPublic(address: string): boolean {
  if (isIP(address) === 4) return !closedV4.check(address, 'ipv4')
  return isIP(address) === 6 && openV6.check(address, 'ipv6') && !closedV6.check(address, 'ipv6')
}

/** '10.0.0.0/8', 'fd00::/8', or an address alone. */
export function isNetwork(text: string): boolean {
  const [address = '', bits, ...more] = text.split('/')
  const family = isIP(address)
  if (family === 0 || more.length > 0 || address.includes('%')) return false
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (family === 4 ? 32 : 128))
}

function blockList(networks: readonly string[]): BlockList {
  const list = new BlockList()
  for (const network of networks) {
    if (!isNetwork(network)) throw new Error(`${network} is no network: write it like 10.0.0.0/8`)
    const [address = '', bits] = network.split('/')
    const v4 = isIP(address) === 4
    list.addSubnet(address, Number(bits ?? (v4 ? 32 : 128)), v4 ? 'ipv4' : 'ipv6')
  }
  return list
}
