import { BY_ID_CALLS } from './inventory-by-id.js'
import type { InventoryCall } from './inventory-call.js'
import { LIST_CALLS } from './inventory-lists.js'

/**
 * Every call of a snapshot, lists before what is asked by the ids in them. The collection and the IAM policy are
 * made from this one table.
 */
export const INVENTORY_CALLS: readonly InventoryCall[] = [...LIST_CALLS, ...BY_ID_CALLS]
