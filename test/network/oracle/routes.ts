import { type Answers, bits, inside, type Json, list, text } from './raw.js'

export interface Hit {
  readonly table: string
  readonly target: string
  readonly blackhole: boolean
}

const TARGETS = [
  'GatewayId',
  'NatGatewayId',
  'TransitGatewayId',
  'VpcPeeringConnectionId',
  'NetworkInterfaceId',
  'InstanceId',
]

export function tableOf(answers: Answers, subnet: string, vpc: string): Json {
  const tables = list(answers.get('describe-route-tables'), 'RouteTables')
  const own = tables.find((t) => list(t, 'Associations').some((a) => a['SubnetId'] === subnet))
  const main = tables.find(
    (t) => t['VpcId'] === vpc && list(t, 'Associations').some((a) => a['Main'] === true),
  )
  const table = own ?? main
  if (table === undefined) throw new Error(`no route table for ${subnet}`)
  return table
}

/**
 * Every route that matches, the best first: what is propagated never beats the local route; then the longest prefix; of
 * equals local, static, prefix list, propagated.
 */
export function lookUp(answers: Answers, table: Json, dst: string): Hit | null {
  const matches: { readonly length: number; readonly rank: number; readonly route: Json }[] = []
  for (const route of list(table, 'Routes')) {
    const propagated = route['Origin'] === 'EnableVgwRoutePropagation'
    const cidr = text(route, 'DestinationCidrBlock')
    if (cidr !== null && inside(cidr, dst)) {
      const rank = route['GatewayId'] === 'local' ? 0 : propagated ? 3 : 1
      matches.push({ length: bits(cidr), rank, route })
    }
    const listId = text(route, 'DestinationPrefixListId')
    for (const e of list(answers.get(`get-managed-prefix-list-entries ${listId}`), 'Entries')) {
      const entry = text(e, 'Cidr')
      if (entry !== null && inside(entry, dst)) matches.push({ length: bits(entry), rank: 2, route })
    }
  }
  const local = matches.find((m) => m.rank === 0)
  const [best] = matches
    .filter((m) => local === undefined || m.rank !== 3)
    .toSorted((a, b) => b.length - a.length || a.rank - b.rank)
  if (best === undefined) return null
  const target = TARGETS.map((k) => text(best.route, k)).find((t) => t !== null) ?? ''
  return { table: text(table, 'RouteTableId') ?? '', target, blackhole: best.route['State'] === 'blackhole' }
}

/** The transit gateway's table: longest prefix, static before propagated. */
export function lookUpTransit(answers: Answers, table: string, dst: string): Json | null {
  const all = list(answers.get(`search-transit-gateway-routes ${table}`), 'Routes').filter((r) =>
    inside(text(r, 'DestinationCidrBlock') ?? '', dst),
  )
  const [best] = all.toSorted(
    (a, b) =>
      bits(text(b, 'DestinationCidrBlock') ?? '') - bits(text(a, 'DestinationCidrBlock') ?? '') ||
      Number(a['Type'] === 'propagated') - Number(b['Type'] === 'propagated'),
  )
  return best ?? null
}
