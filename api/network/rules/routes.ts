import type { Prefix } from '../address.js'
import type { PrefixList, Route, RouteTable } from '../entities.js'
import { compileLpm, type Lpm, lookup } from '../lpm.js'

export interface CompiledRoutes {
  readonly table: Lpm<Route>
  /** Routes to prefix lists whose entries aren't known: they might match anything. */
  readonly opaque: readonly Route[]
}

/**
 * Compiles a route table. Of routes to one prefix the order here decides: local, static, prefix list, propagated.
 * A propagated route never overrides the local one, even where it is more specific, so it is left out there.
 *
 * https://docs.aws.amazon.com/vpc/latest/userguide/route-tables-priority.html
 * https://docs.aws.amazon.com/vpn/latest/s2svpn/vpn-route-priority.html
 */
export function compileRoutes(
  routeTable: RouteTable,
  lists: ReadonlyMap<string, PrefixList>,
): CompiledRoutes {
  const pairs: [Prefix, Route, number][] = []
  const opaque: Route[] = []
  for (const route of routeTable.routes) {
    if (route.destination !== null) {
      pairs.push([route.destination, route, route.targetKind === 'local' ? 0 : route.propagated ? 3 : 1])
      continue
    }
    const entries = route.prefixListId === null ? null : (lists.get(route.prefixListId)?.entries ?? null)
    if (entries === null) opaque.push(route)
    else for (const entry of entries) pairs.push([entry, route, 2])
  }
  const locals = routeTable.routes.filter((r) => r.targetKind === 'local' && r.destination !== null)
  const kept = pairs.filter(
    ([prefix, , rank]) => rank !== 3 || !locals.some((l) => within(l.destination, prefix)),
  )
  kept.sort((a, b) => a[2] - b[2])
  return { table: compileLpm(kept.map(([prefix, route]) => [prefix, route] as const)), opaque }
}

function within(outer: Prefix | null, inner: Prefix): boolean {
  return outer !== null && outer.family === inner.family && outer.lo <= inner.lo && inner.hi <= outer.hi
}

export type RouteAnswer =
  | { readonly kind: 'route'; readonly route: Route }
  | { readonly kind: 'none' }
  /** A prefix list that isn't in the snapshot may hold a more specific match. */
  | { readonly kind: 'unknown'; readonly prefixListId: string }

/** The route that decides for an address; `listId` names the prefix list that the address stands for, if it does. */
export function findRoute(compiled: CompiledRoutes, destination: Prefix, listId: string | null): RouteAnswer {
  if (listId !== null) {
    const named = compiled.opaque.find((r) => r.prefixListId === listId)
    if (named !== undefined) return { kind: 'route', route: named }
  }
  const [route] = lookup(compiled.table, destination)
  // AWS's own lists hold the public addresses of a service: they say nothing about a destination that isn't one.
  const doubtful = compiled.opaque.find((r) => r.targetKind !== 'vpc-endpoint')
  if (doubtful?.prefixListId != null && route?.targetKind !== 'local') {
    return { kind: 'unknown', prefixListId: doubtful.prefixListId }
  }
  return route === undefined ? { kind: 'none' } : { kind: 'route', route }
}
