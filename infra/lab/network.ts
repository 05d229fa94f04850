import { readAccount } from './account.js'
import { addAcls } from './acls.js'
import { isV6 } from './addresses.js'
import { balancerOf } from './balancers.js'
import { addBalancer } from './balancing.js'
import type { LabDocument } from './documents.js'
import { addEdge, addNat } from './edge.js'
import { addGroups, LINK_LOCAL_RESOLVER, resolverOf } from './groups.js'
import {
  INTERNET,
  LAMBDA,
  LAMBDA_ADDRESS,
  type Layout,
  layoutOf,
  link,
  namespace,
  namespaceOf,
  portOf,
  routerOf,
} from './layout.js'
import { addPeerings } from './peering.js'
import { addRouter } from './router.js'
import { addTransitGateways } from './transit.js'

/**
 * Lays out the network that a snapshot describes: a namespace for every interface, for each VPC's router and edge, each transit
 * gateway, the internet, and the AWS services behind gateway endpoints. Pure; `build.ts` makes it real.
 */
export function layOut(documents: readonly LabDocument[]): Layout {
  const account = readAccount(documents)
  const layout = layoutOf(account)
  addInternet(layout)
  // What passes packets on is known before anything else names its namespace.
  for (const eni of account.enis)
    if (balancerOf(account, eni)?.type === 'network') namespace(layout, namespaceOf(eni), true)
  for (const vpc of account.vpcs) {
    addRouter(layout, vpc)
    addAcls(layout, vpc)
    addEdge(layout, vpc)
    addResolver(layout, vpc.id)
    for (const eni of account.enis) {
      if (eni.vpcId !== vpc.id) continue
      const balancer = balancerOf(account, eni)
      if (eni.type === 'nat_gateway') addNat(layout, eni)
      else if (balancer === undefined) addGroups(layout, vpc, eni)
      else addBalancer(layout, vpc, eni, balancer)
    }
  }
  addPeerings(layout)
  addTransitGateways(layout)
  return layout
}

/** The internet answers at every address that is not routed to an edge. Functions outside of VPCs hang on it directly. */
function addInternet(layout: Layout): void {
  const internet = namespace(layout, INTERNET, true)
  internet.ip4.push('route add local default dev lo table main')
  internet.ip6.push('route add local default dev lo table main')
  link(layout, INTERNET, LAMBDA, LAMBDA, 'eth0')
  internet.ip4.push(
    `address add 169.254.0.2/32 dev ${LAMBDA}`,
    `route add ${LAMBDA_ADDRESS}/32 dev ${LAMBDA}`,
    // A private address is nobody's out there, and a packet to one is lost on the way.
    ...['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10'].map(
      (cidr) => `route add blackhole ${cidr}`,
    ),
    // Nor is a public address whose VPC has no internet gateway anybody else's.
    ...layout.account.enis
      .filter((eni) => !layout.account.internetGateways.has(eni.vpcId))
      .flatMap((eni) => [...eni.publics.values()].map((address) => `route add blackhole ${address}/32`)),
  )
  const outside = namespace(layout, LAMBDA)
  outside.ip4.push(
    `address add ${LAMBDA_ADDRESS}/32 dev eth0`,
    `address add ${LINK_LOCAL_RESOLVER}/32 dev lo`,
    'route add default dev eth0',
  )
}

/** The VPC's resolver answers at two addresses of the router, to the VPC's own interfaces only; switched off, it is silent. */
function addResolver(layout: Layout, vpcId: string): void {
  const vpc = layout.account.vpcs.find((one) => one.id === vpcId)
  const router = namespace(layout, routerOf(layout, vpcId), true)
  const ports = layout.account.enis
    .filter((eni) => eni.vpcId === vpcId)
    .map((eni) => `"${portOf(layout, eni)}"`)
  for (const address of new Set([resolverOf(vpc), LINK_LOCAL_RESOLVER]))
    if (!isV6(address)) router.ip4.push(`address add ${address}/32 dev lo`)
  const open = vpc?.dnsSupport === true && ports.length > 0
  router.nft.push(
    'table inet resolver {',
    '  chain asked {',
    '    type filter hook input priority 0; policy drop;',
    '    iifname "lo" accept',
    ...(open ? [`    iifname { ${ports.join(', ')} } meta l4proto { tcp, udp } th dport 53 accept`] : []),
    '  }',
    '}',
  )
}
