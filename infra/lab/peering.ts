import type { Account } from './account.js'
import { isV6 } from './addresses.js'
import { type Raw, record, text } from './documents.js'
import {
  DELIVERY,
  incoming,
  type Layout,
  link,
  type Namespace,
  namespace,
  routerOf,
  vpcOf,
} from './layout.js'

interface Sides {
  readonly requester: string
  readonly accepter: string
}

export function sidesOf(peering: Raw): Sides {
  return {
    requester: text(record(peering, 'RequesterVpcInfo'), 'VpcId'),
    accepter: text(record(peering, 'AccepterVpcInfo'), 'VpcId'),
  }
}

/**
 * Whether two VPCs are joined by an active peering; for `names`, by one whose option lets the first resolve the other's names to
 * private addresses (https://docs.aws.amazon.com/vpc/latest/peering/vpc-peering-dns.html).
 */
export function arePeeredBy(account: Account, from: string, to: string, what: 'packets' | 'names'): boolean {
  return account.peerings.some((peering) => {
    const { requester, accepter } = sidesOf(peering)
    if (!((requester === from && accepter === to) || (requester === to && accepter === from))) return false
    const side = record(peering, to === requester ? 'RequesterVpcInfo' : 'AccepterVpcInfo')
    return what === 'packets' || record(side, 'PeeringOptions')?.['AllowDnsResolutionFromRemoteVpc'] === true
  })
}

/** The routers' device that leads into a peering; null where it isn't active or its other VPC isn't in the snapshot. */
export function peeringPort(layout: Layout, id: string): string | null {
  const index = layout.account.peerings.findIndex((one) => text(one, 'VpcPeeringConnectionId') === id)
  const peering = layout.account.peerings[index]
  if (peering === undefined || !isBuilt(layout, peering)) return null
  return `p${index}`
}

/**
 * A cable between two routers. What comes in is only delivered, and only what the sending VPC's own addresses sent goes
 * out: peering is not transitive and leads to no gateway of the other side
 * (https://docs.aws.amazon.com/vpc/latest/peering/vpc-peering-basics.html#vpc-peering-limitations).
 */
export function addPeerings(layout: Layout): void {
  layout.account.peerings.forEach((peering, index) => {
    if (!isBuilt(layout, peering)) return
    const { requester, accepter } = sidesOf(peering)
    link(layout, routerOf(layout, requester), `p${index}`, routerOf(layout, accepter), `p${index}`)
    for (const vpcId of [requester, accepter]) {
      const router = namespace(layout, routerOf(layout, vpcId), true)
      incoming(router, `p${index}`, DELIVERY)
      ownSourcesOnly(router, `p${index}`, vpcOf(layout, vpcId)?.cidrs ?? [])
    }
  })
}

function ownSourcesOnly(router: Namespace, device: string, cidrs: readonly string[]): void {
  const v4 = cidrs.filter((cidr) => !isV6(cidr))
  const v6 = cidrs.filter(isV6)
  const rule = (family: string, list: readonly string[]) =>
    list.length === 0
      ? `oifname "${device}" meta nfproto ${family === 'ip' ? 'ipv4' : 'ipv6'} drop`
      : `oifname "${device}" ${family} saddr != { ${list.join(', ')} } drop`
  router.nft.push(
    `table inet ${device} {`,
    '  chain transit {',
    '    type filter hook forward priority -10; policy accept;',
    `    ${rule('ip', v4)}`,
    `    ${rule('ip6', v6)}`,
    '  }',
    '}',
  )
}

function isBuilt(layout: Layout, peering: Raw): boolean {
  const { requester, accepter } = sidesOf(peering)
  return vpcOf(layout, requester) !== undefined && vpcOf(layout, accepter) !== undefined
}
