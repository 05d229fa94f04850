import type { Draft, DraftVpc } from './draft.js'

/** Bounds of one shrinking: each try builds a network, and a busy machine takes its time for it. */
const MOST_TRIES = 200
const MOST_MS = 60_000

/**
 * The smallest network found in which something still holds: whole VPCs are taken away first, then their parts, then single rules,
 * routes and entries, as long as `holds` says so. Bounded; the result holds in any case.
 */
export async function shrink(
  draft: Draft,
  holds: (smaller: Draft) => Promise<boolean>,
  { mostTries = MOST_TRIES, mostMs = MOST_MS } = {},
): Promise<Draft> {
  const end = performance.now() + mostMs
  let best = draft
  let tries = 0
  for (const cut of CUTS) {
    // From the end, so that what was tried in vain is not tried again after a cut that held.
    for (let at = cut.count(best) - 1; at >= 0 && tries < mostTries && performance.now() < end; at -= 1) {
      const smaller = cut.without(best, at)
      if (smaller === null) continue
      tries += 1
      if (await holds(smaller)) best = smaller
    }
  }
  return best
}

/** One way to make a network smaller: how many things it could take, and the network without one of them. */
interface Cut {
  readonly count: (draft: Draft) => number
  /** Null where the thing can't go by itself. */
  readonly without: (draft: Draft, at: number) => Draft | null
}

const drop = <T>(items: readonly T[], at: number): T[] => items.filter((_, index) => index !== at)

type Lists = 'peerings' | 'endpoints' | 'functions' | 'databases' | 'interfaceEndpoints' | 'balancers'

const list = (name: Lists): Cut => ({
  count: (draft) => draft[name].length,
  without: (draft, at) => ({ ...draft, [name]: drop<unknown>(draft[name], at) }),
})

/** The parts of the things in a list: the rules of groups, the routes of tables, the entries of ACLs. */
function parts<K extends 'groups' | 'tables' | 'acls', P extends string>(
  name: K,
  part: P & keyof Draft[K][number],
): Cut {
  const lengths = (draft: Draft) =>
    draft[name].map((one) => {
      const value: unknown = Object.entries(one).find(([key]) => key === part)?.[1]
      return Array.isArray(value) ? value.length : 0
    })
  return {
    count: (draft) => lengths(draft).reduce((sum, one) => sum + one, 0),
    without: (draft, at) => {
      let left = at
      const things = draft[name].map((one, index) => {
        const length = lengths(draft)[index] ?? 0
        const here = left
        left -= length
        if (here < 0 || here >= length) return one
        const value: unknown = Object.entries(one).find(([key]) => key === part)?.[1]
        return { ...one, [part]: Array.isArray(value) ? drop<unknown>(value, here) : value }
      })
      return { ...draft, [name]: things }
    },
  }
}

const CUTS: readonly Cut[] = [
  { count: (draft) => draft.vpcs.length, without: withoutVpc },
  {
    count: (draft) => (draft.transit === null ? 0 : 1),
    without: (draft) => ({
      ...draft,
      transit: null,
      tables: draft.tables.map((table) => ({
        ...table,
        routes: table.routes.filter(({ via }) => !via.startsWith('tgw-')),
      })),
    }),
  },
  {
    count: (draft) => (draft.block.mode === 'off' ? 0 : 1),
    without: (draft) => ({ ...draft, block: { mode: 'off', exclusions: [] } }),
  },
  list('peerings'),
  list('endpoints'),
  list('interfaceEndpoints'),
  list('balancers'),
  list('functions'),
  list('databases'),
  { count: (draft) => draft.enis.length, without: withoutEni },
  { count: (draft) => draft.subnets.length, without: withoutSubnet },
  parts('tables', 'routes'),
  { count: (draft) => draft.tables.length, without: withoutTable },
  parts('groups', 'ingress'),
  parts('groups', 'egress'),
  { count: (draft) => draft.groups.length, without: withoutGroup },
  parts('acls', 'entries'),
  { count: (draft) => draft.acls.length, without: withoutAcl },
]

function withoutVpc(draft: Draft, at: number): Draft | null {
  const vpc: DraftVpc | undefined = draft.vpcs[at]
  if (vpc === undefined || draft.vpcs.length < 2) return null
  const outside = <T extends { readonly vpc: string }>(items: readonly T[]) =>
    items.filter((one) => one.vpc !== vpc.id)
  const gone = new Set([
    ...draft.subnets.filter((one) => one.vpc === vpc.id).map(({ id }) => id),
    ...draft.enis.filter((one) => one.vpc === vpc.id).map(({ id }) => id),
  ])
  return {
    ...draft,
    vpcs: drop(draft.vpcs, at),
    subnets: outside(draft.subnets),
    enis: outside(draft.enis),
    tables: outside(draft.tables),
    groups: outside(draft.groups),
    acls: outside(draft.acls),
    endpoints: outside(draft.endpoints),
    interfaceEndpoints: outside(draft.interfaceEndpoints),
    balancers: outside(draft.balancers).filter(({ target }) => !target.enis.some((id) => gone.has(id))),
    functions: draft.functions.filter(({ subnets }) => !subnets.some((id) => gone.has(id))),
    databases: draft.databases.filter(({ eni }) => !gone.has(eni)),
    peerings: draft.peerings.filter((one) => one.requester !== vpc.id && one.accepter !== vpc.id),
    transit:
      draft.transit === null ? null : { ...draft.transit, attachments: outside(draft.transit.attachments) },
    block: {
      ...draft.block,
      exclusions: draft.block.exclusions.filter(({ resource }) => resource !== vpc.id && !gone.has(resource)),
    },
  }
}

/** A database's, an endpoint's or a load balancer's goes with it alone, and so does a target. */
function withoutEni(draft: Draft, at: number): Draft | null {
  const eni = draft.enis[at]
  const used =
    draft.databases.some((one) => one.eni === eni?.id) ||
    [...draft.interfaceEndpoints, ...draft.balancers, ...draft.balancers.map(({ target }) => target)].some(
      ({ enis }) => eni !== undefined && enis.includes(eni.id),
    )
  return eni === undefined || used ? null : { ...draft, enis: drop(draft.enis, at) }
}

/** Only an empty one can go: what stands in it goes by itself before. */
function withoutSubnet(draft: Draft, at: number): Draft | null {
  const subnet = draft.subnets[at]
  if (subnet === undefined || draft.enis.some((eni) => eni.subnet === subnet.id)) return null
  const { transit } = draft
  const attachments = (transit?.attachments ?? []).map((one) => ({
    ...one,
    subnets: one.subnets.filter((id) => id !== subnet.id),
  }))
  if (attachments.some(({ subnets }) => subnets.length === 0)) return null
  return {
    ...draft,
    subnets: drop(draft.subnets, at),
    transit: transit === null ? null : { ...transit, attachments },
    block: {
      ...draft.block,
      exclusions: draft.block.exclusions.filter(({ resource }) => resource !== subnet.id),
    },
  }
}

function withoutTable(draft: Draft, at: number): Draft | null {
  const table = draft.tables[at]
  const used = draft.subnets.some((subnet) => subnet.table === table?.id)
  if (table === undefined || table.main || used) return null
  const endpoints = draft.endpoints.map((one) => ({
    ...one,
    tables: one.tables.filter((id) => id !== table.id),
  }))
  return { ...draft, tables: drop(draft.tables, at), endpoints }
}

function withoutGroup(draft: Draft, at: number): Draft | null {
  const group = draft.groups[at]
  if (group === undefined) return null
  // An interface keeps at least one group.
  const enis = draft.enis.map((eni) => ({ ...eni, groups: eni.groups.filter((id) => id !== group.id) }))
  const bare = enis.some((eni, index) => eni.groups.length === 0 && draft.enis[index]?.groups.length !== 0)
  const named = draft.groups.some((one) =>
    [...one.ingress, ...one.egress].some(({ peer }) => 'group' in peer && peer.group === group.id),
  )
  const balancers = draft.balancers.map((one) => ({
    ...one,
    groups: one.groups.filter((id) => id !== group.id),
  }))
  return bare || named ? null : { ...draft, groups: drop(draft.groups, at), enis, balancers }
}

function withoutAcl(draft: Draft, at: number): Draft | null {
  const acl = draft.acls[at]
  const used = draft.subnets.some((subnet) => subnet.acl === acl?.id)
  return acl === undefined || acl.isDefault || used ? null : { ...draft, acls: drop(draft.acls, at) }
}
