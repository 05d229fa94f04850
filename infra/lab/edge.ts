import type { Eni, Vpc } from './account.js'
import { isV6 } from './addresses.js'
import {
  DELIVERY,
  edgeOf,
  INTERNET,
  incoming,
  type Layout,
  link,
  type Namespace,
  namespace,
  namespaceOf,
  routerOf,
} from './layout.js'

/** What an internet gateway does not carry: private, shared, loopback, link-local and multicast destinations. */
const NOT_PUBLIC = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '224.0.0.0/3',
]

interface Owner {
  readonly eni: Eni
  readonly address: string
}

/**
 * A VPC's edge: its internet gateway and its egress-only one. The internet gateway translates one to one between private and public
 * IPv4 addresses, and drops what has no public address; IPv6 passes as it is
 * (https://docs.aws.amazon.com/vpc/latest/userguide/VPC_Internet_Gateway.html,
 * https://docs.aws.amazon.com/vpc/latest/userguide/egress-only-internet-gateway.html).
 */
export function addEdge(layout: Layout, vpc: Vpc): void {
  const { account } = layout
  const hasGateway = account.internetGateways.has(vpc.id)
  const hasEgressOnly = account.egressOnlyGateways.has(vpc.id)
  if (!hasGateway && !hasEgressOnly) return
  const name = edgeOf(layout, vpc.id)
  const edge = namespace(layout, name, true)
  const router = namespace(layout, routerOf(layout, vpc.id), true)
  const internet = namespace(layout, INTERNET, true)
  for (const [has, device] of [
    [hasGateway, 'igw'],
    [hasEgressOnly, 'eigw'],
  ] as const) {
    if (!has) continue
    link(layout, router.name, device, name, device)
    incoming(router, device, DELIVERY)
  }
  link(layout, name, 'inet', INTERNET, name)
  const v4 = vpc.cidrs.filter((cidr) => !isV6(cidr))
  const v6 = vpc.cidrs.filter(isV6)
  if (hasGateway) edge.ip4.push(...v4.map((cidr) => `route add ${cidr} dev igw`))
  edge.ip6.push(...v6.map((cidr) => `route add ${cidr} dev ${hasGateway ? 'igw' : 'eigw'}`))
  edge.ip4.push('route add default dev inet')
  edge.ip6.push('route add default dev inet')
  internet.ip4.push(`address add 169.254.0.1/32 dev ${name}`)
  internet.ip6.push(`address add 2001:db8:ffff::1/128 dev ${name} nodad`)
  internet.ip6.push(...v6.map((cidr) => `route add ${cidr} dev ${name}`))
  const publics = publicAddresses(layout, vpc)
  if (hasGateway)
    internet.ip4.push(...[...publics.values()].map((address) => `route add ${address}/32 dev ${name}`))
  edge.nft.push(...edgeRules(layout, vpc, hasGateway, publics))
}

function publicAddresses(layout: Layout, vpc: Vpc): ReadonlyMap<string, string> {
  return new Map(layout.account.enis.filter((eni) => eni.vpcId === vpc.id).flatMap((eni) => [...eni.publics]))
}

function edgeRules(layout: Layout, vpc: Vpc, hasGateway: boolean, publics: ReadonlyMap<string, string>) {
  const owners = layout.account.enis
    .filter((eni) => eni.vpcId === vpc.id)
    .flatMap((eni) => eni.addresses.map((address): Owner => ({ eni, address })))
    .filter(({ address }) => isV6(address) || publics.has(address))
  const out = owners.filter((owner) => mayPass(layout, owner, 'out')).map(({ address }) => address)
  const into = owners.filter((owner) => mayPass(layout, owner, 'in')).map(({ address }) => address)
  const viaEgressOnly = owners
    .filter(({ eni }) => egressOnlyMayPass(layout, eni))
    .map(({ address }) => address)
  const accept = (before: string, side: string, addresses: readonly string[], after: string) =>
    (['ip', 'ip6'] as const).flatMap((family) => {
      const own = addresses.filter((address) => isV6(address) === (family === 'ip6'))
      return own.length === 0 ? [] : [`    ${before} ${family} ${side} { ${own.join(', ')} } ${after} accept`]
    })
  const pairs = [...publics].map(([own, outside]) => ({ own, outside }))
  return [
    'table inet edge {',
    '  chain pass {',
    '    type filter hook forward priority 0; policy drop;',
    '    ct state established,related accept',
    `    oifname "inet" ip daddr { ${NOT_PUBLIC.join(', ')} } drop`,
    ...(hasGateway ? accept('iifname "igw" oifname "inet"', 'saddr', out, '') : []),
    ...(hasGateway ? accept('iifname "inet" oifname "igw"', 'daddr', into, '') : []),
    ...accept('iifname "eigw" oifname "inet"', 'saddr', viaEgressOnly.filter(isV6), ''),
    '  }',
    ...(pairs.length === 0
      ? []
      : [
          '  chain inward {',
          '    type nat hook prerouting priority dstnat; policy accept;',
          `    iifname "inet" dnat ip to ip daddr map { ${pairs.map((one) => `${one.outside} : ${one.own}`).join(', ')} }`,
          '  }',
          '  chain outward {',
          '    type nat hook postrouting priority srcnat; policy accept;',
          `    oifname "inet" snat ip to ip saddr map { ${pairs.map((one) => `${one.own} : ${one.outside}`).join(', ')} }`,
          '  }',
        ]),
    '}',
  ]
}

/**
 * VPC Block Public Access at the internet gateway, for connections that begin inside (`out`) or outside (`in`): bidirectional
 * blocks all but exclusions; ingress lets only NAT gateways out (https://docs.aws.amazon.com/vpc/latest/userguide/security-vpc-bpa-basics.html).
 */
function mayPass(layout: Layout, { eni }: Owner, way: 'in' | 'out'): boolean {
  const mode = layout.account.blockPublicAccess
  const exclusion = exclusionOf(layout, eni)
  if (mode === 'off' || exclusion === 'allow-bidirectional') return true
  if (way === 'in') return false
  return exclusion === 'allow-egress' || (mode === 'block-ingress' && eni.type === 'nat_gateway')
}

function egressOnlyMayPass(layout: Layout, eni: Eni): boolean {
  return layout.account.blockPublicAccess !== 'block-bidirectional' || exclusionOf(layout, eni) !== undefined
}

function exclusionOf(layout: Layout, eni: Eni): string | undefined {
  return layout.account.exclusions.get(eni.subnetId) ?? layout.account.exclusions.get(eni.vpcId)
}

/**
 * A NAT gateway: all that it forwards gets its own private address, and goes out by its own subnet's table. Nobody can open a
 * connection to it (https://docs.aws.amazon.com/vpc/latest/userguide/vpc-nat-gateway.html).
 */
export function addNat(layout: Layout, eni: Eni): void {
  const nat: Namespace = namespace(layout, namespaceOf(eni), true)
  const [address = ''] = eni.addresses
  nat.nft.push(
    'table inet nat {',
    '  chain unasked {',
    '    type filter hook input priority 0; policy drop;',
    '    iifname "lo" accept',
    '    ct state established,related accept',
    '  }',
    '  chain translate {',
    '    type nat hook postrouting priority srcnat; policy accept;',
    `    oifname "eth0" ip saddr != ${address} snat ip to ${address}`,
    '  }',
    '}',
  )
}
