import type { Check } from '../../probe/plan.schema.js'
import type { NatGateway, Route } from '../network/entities.js'
import type { Model } from '../network/model.js'

/** Answers with the caller's address, which tells a NAT gateway's from any other. */
const CHECK_IP = 'https://checkip.amazonaws.com/'

/**
 * The check of the internet for some subnets, or why there is none. Whether functions are meant to reach the internet is told by
 * a default route: who gave one to any of their subnets wants it, also where it leads nowhere. Where every default route leads
 * to public NAT gateways, the address that the world sees must be one of theirs.
 */
export function internetCheck(
  model: Model,
  vpcId: string,
  subnets: readonly string[],
): { readonly check: Check } | { readonly why: string } {
  const routes = subnets.flatMap((subnet) => {
    const table = model.routeTableOfSubnet.get(subnet) ?? model.mainRouteTable.get(vpcId)
    return table?.routes.filter(isDefault) ?? []
  })
  if (routes.length === 0) {
    return {
      why: 'no subnet has a default route: if the functions need the internet, add a check of it by hand',
    }
  }
  const addresses = routes.map((route) => addressesBehind(model, route))
  const known = addresses.every((some) => some.length > 0) ? [...new Set(addresses.flat())].sort() : []
  const egressIp = known.length > 0 && known.length <= 32 ? { egressIp: known } : {}
  return { check: { name: 'internet', kind: 'http', url: CHECK_IP, ...egressIp } }
}

function isDefault({ destination }: Route): boolean {
  return destination !== null && (destination.text === '0.0.0.0/0' || destination.text === '::/0')
}

/** The addresses by which a route's traffic is seen; none where they aren't known, or not fixed. */
function addressesBehind(model: Model, route: Route): readonly string[] {
  const nat: NatGateway | undefined =
    route.targetKind === 'nat-gateway' ? model.natGateways.get(route.target) : undefined
  if (nat === undefined || !nat.public) return []
  return nat.addresses.flatMap(({ publicIp }) => (publicIp === null ? [] : [publicIp]))
}
