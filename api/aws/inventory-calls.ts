import { BY_ID_CALLS } from './inventory-by-id.js'
import type { InventoryCall } from './inventory-call.js'
import { LIST_CALLS } from './inventory-lists.js'

/**
 * Every call of a snapshot, lists before what is asked by the ids in them. The collection and the IAM policy are
 * made from this one table.
 */
export const INVENTORY_CALLS: readonly InventoryCall[] = [...LIST_CALLS, ...BY_ID_CALLS]

const FOR_DISCOVERY: ReadonlySet<string> = new Set([
  'describe-vpcs',
  'describe-subnets',
  'describe-route-tables',
  'describe-nat-gateways',
  'describe-network-interfaces',
  'describe-vpc-endpoints',
  'describe-db-instances',
  'describe-db-clusters',
  'describe-db-subnet-groups',
  'describe-db-proxies',
  'describe-cache-clusters',
  'describe-replication-groups',
  'describe-serverless-caches',
  'describe-cache-subnet-groups',
  'list-domain-names',
  'describe-domain',
  'list-functions',
  'get-caller-identity',
  'get-resources',
])

/** Those that discovery rests on. */
export const DISCOVERY_CALLS: readonly InventoryCall[] = INVENTORY_CALLS.filter(({ call }) =>
  FOR_DISCOVERY.has(call),
)
