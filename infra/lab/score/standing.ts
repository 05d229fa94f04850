import type { DraftRule, DraftSubnet, DraftVpc } from '../fuzz/draft.js'
import {
  ALL,
  ALL6,
  addAcl,
  addFunction,
  addGroup,
  addSubnet,
  addTable,
  type Ground,
  route,
} from './ground.js'

export const ZONES = ['a', 'b', 'c'] as const
export const FUNCTION = 'orders-api'

/** The function's side of a network: where it stands, and the group that it has. */
export interface Standing {
  readonly vpc: DraftVpc
  readonly subnets: readonly DraftSubnet[]
  readonly group: string
}

export const tcp = (port: number, peer: DraftRule['peer']): DraftRule => ({
  protocol: 'tcp',
  ports: [port, port],
  peer,
})

/** The function in one to three subnets, each with a table of its own or all on one; `way` gives the tables their routes. */
export function addStanding(
  ground: Ground,
  vpc: DraftVpc,
  wants: { dbPort: number; dualStack?: boolean; lists?: readonly string[] },
): Standing {
  const { random } = ground
  const zones = ZONES.slice(0, 1 + random.below(3))
  const shared = random.chance(0.4) ? addTable(ground, vpc) : null
  const dualStack = wants.dualStack === true
  const acl =
    dualStack || random.chance(0.6)
      ? defaultAcl(ground, vpc)
      : addAcl(ground, vpc, { inward: [], outward: [443] })
  const subnets = zones.map((zone) =>
    addSubnet(ground, vpc, { zone, table: shared ?? addTable(ground, vpc), acl }),
  )
  const narrow = [
    tcp(443, { cidr: '0.0.0.0/0' }),
    tcp(wants.dbPort, { cidr: '10.0.0.0/8' }),
    ...(wants.lists ?? []).map((list) => tcp(443, { list })),
  ]
  const egress = dualStack ? [ALL, ALL6] : random.chance(0.6) ? [ALL] : narrow
  const group = addGroup(ground, vpc, [], egress)
  addFunction(ground, FUNCTION, subnets, group, dualStack)
  return { vpc, subnets, group: group.id }
}

export function defaultAcl(ground: Ground, vpc: DraftVpc) {
  const found = ground.acls.find((one) => one.vpc === vpc.id && one.isDefault)
  return found ?? addAcl(ground, vpc, null)
}

export function tablesOf(ground: Ground, subnets: readonly DraftSubnet[]) {
  const ids = new Set(subnets.map(({ table }) => table))
  return ground.tables.filter(({ id }) => ids.has(id))
}

export function mainTable(ground: Ground, vpc: DraftVpc) {
  const found = ground.tables.find((one) => one.vpc === vpc.id && one.main)
  return found ?? addTable(ground, vpc, true)
}

/** Routes there from the function's tables, and back from the table of the database's subnet. */
export function joinBoth(ground: Ground, { vpc, subnets }: Standing, other: DraftVpc, via: string): void {
  const { random } = ground
  for (const table of tablesOf(ground, subnets))
    route(table, random.chance(0.8) ? (other.cidrs[0] ?? '') : '10.0.0.0/8', via)
  const targets = ground.subnets.filter((one) => one.vpc === other.id)
  for (const table of tablesOf(ground, targets)) route(table, vpc.cidrs[0] ?? '', via)
}
