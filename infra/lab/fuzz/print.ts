import type { Snapshot } from '../../../api/network/snapshot.js'
import type { Draft } from './draft.js'
import { balancers } from './print-balancers.js'
import { betweenVpcs } from './print-between.js'
import { endpoints } from './print-endpoints.js'
import { networkAcl, securityGroup } from './print-filters.js'
import { blockPublicAccess, gateways } from './print-gateways.js'
import { routeTable } from './print-routes.js'
import { networkInterface, vpcs } from './print-vpcs.js'
import { workloads } from './print-workloads.js'

/** Files of a snapshot by their name without `.json`, as the AWS CLI would print them. */
export type Files = ReadonlyMap<string, unknown>

export function print(draft: Draft): Files {
  return new Map([
    ...vpcs(draft),
    ['describe-route-tables', { RouteTables: draft.tables.map((table) => routeTable(draft, table)) }],
    ['describe-network-acls', { NetworkAcls: draft.acls.map((acl) => networkAcl(draft, acl)) }],
    ['describe-security-groups', { SecurityGroups: draft.groups.map(securityGroup) }],
    ['describe-security-group-vpc-associations', { SecurityGroupVpcAssociations: [] }],
    [
      'describe-network-interfaces',
      { NetworkInterfaces: draft.enis.map((eni) => networkInterface(draft, eni)) },
    ],
    ['describe-instances', { Reservations: [] }],
    ...gateways(draft),
    ...endpoints(draft),
    ...betweenVpcs(draft),
    ...blockPublicAccess(draft),
    ...workloads(draft),
    ...balancers(draft),
    ...empty(),
  ])
}

/** The same as a snapshot in memory. */
export function asSnapshot(files: Files): Snapshot {
  return {
    takenAt: null,
    missing: [],
    documents: [...files].map(([name, body]) => {
      const dot = name.indexOf('.')
      const call = dot < 0 ? name : name.slice(0, dot)
      const key = dot < 0 ? '' : decodeURIComponent(name.slice(dot + 1))
      return { file: `${name}.json`, scope: '', call, key, body }
    }),
  }
}
/** Asked for, and there is none: a missing file would mean that nobody knows. */
function empty(): [string, unknown][] {
  const none: readonly [string, string][] = [
    ['describe-vpn-gateways', 'VpnGateways'],
    ['describe-db-clusters', 'DBClusters'],
    ['describe-db-proxies', 'DBProxies'],
  ]
  return none.map(([call, field]) => [call, { [field]: [] }])
}
