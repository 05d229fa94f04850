import type { Collection, PlaceStatus } from '../inventory.js'
import type { MissingCall, Snapshot } from '../network/snapshot.js'
import type { Roles } from './accounts.js'
import { closeClients, openClients } from './client.js'
import { failureOf } from './failure.js'
import { collectInventory, InventoryError } from './inventory.js'
import type { InventoryCall } from './inventory-call.js'
import { INVENTORY_CALLS } from './inventory-calls.js'

/** One region of one account that is collected; Sonde's own account where it is null. */
export interface Place {
  readonly account: string | null
  readonly region: string
}

/** Places asked at once. Each has its own share of AWS's rates. */
const AT_ONCE = 4

/**
 * Collects several accounts and regions into one snapshot, each by itself: where one can't be asked, what it told last stands in
 * for it, or, before it ever answered, every call of it is missing; the others are as new as can be.
 *
 * The answers of another account stand in a folder of its own: `ACCOUNT/REGION/describe-vpcs.json`.
 */
export function createCollection(places: readonly Place[], roles: Roles, clock: () => Date): Collection {
  const parts = new Map<Place, Snapshot>()
  const statuses = new Map<Place, PlaceStatus>(
    places.map((place) => [place, { ...place, lastTriedAt: null, lastOkAt: null, error: null }]),
  )
  // What is the same in every region of an account is asked for once, in its first one.
  const firsts = new Set([...new Map(places.toReversed().map((place) => [place.account, place])).values()])
  const ask = async (place: Place): Promise<void> => {
    const now = clock().toISOString()
    const before = statuses.get(place)
    try {
      const calls = INVENTORY_CALLS.filter((call) => !call.global || firsts.has(place))
      parts.set(place, await collectPlace(place, roles, calls, clock()))
      statuses.set(place, { ...place, lastTriedAt: now, lastOkAt: now, error: null })
    } catch (cause) {
      const { code, message } = failureOf(cause)
      // Sonde's own errors say all that there is in their message.
      const error =
        cause instanceof InventoryError || code === 'AssumeRoleError' ? message : `${code}: ${message}`
      statuses.set(place, { ...place, lastTriedAt: now, lastOkAt: before?.lastOkAt ?? null, error })
    }
  }
  return {
    collect: async () => {
      const queue = places[Symbol.iterator]()
      const worker = async (): Promise<void> => {
        for (const place of queue) await ask(place)
      }
      await Promise.all(Array.from({ length: Math.min(AT_ONCE, places.length) }, worker))
      const told = [...statuses.values()]
      if (parts.size === 0) {
        throw new InventoryError(
          `nothing could be collected: ${told.map(({ error }) => error ?? '').join('; ')}`,
        )
      }
      return join(
        places.map((place) => parts.get(place) ?? nothingOf(place, statuses.get(place)?.error ?? '')),
      )
    },
    status: () => [...statuses.values()],
  }
}

async function collectPlace(
  { account, region }: Place,
  roles: Roles,
  calls: readonly InventoryCall[],
  takenAt: Date,
): Promise<Snapshot> {
  const credentials = roles(account)
  // Asked for first: that a role can't be assumed is one error, not one a call.
  await credentials?.()
  const clients = openClients(region, credentials)
  try {
    const { snapshot } = await collectInventory([clients], { calls, takenAt })
    return account === null ? snapshot : inFolder(account, snapshot)
  } finally {
    closeClients(clients)
  }
}

function inFolder(folder: string, { takenAt, documents, missing }: Snapshot): Snapshot {
  return {
    takenAt,
    documents: documents.map((one) => ({
      ...one,
      file: `${folder}/${one.file}`,
      scope: `${folder}/${one.scope}`,
    })),
    missing: missing.map((one) => ({ ...one, scope: `${folder}/${one.scope}` })),
  }
}

function nothingOf({ account, region }: Place, error: string): Snapshot {
  const scope = account === null ? region : `${account}/${region}`
  const missing = INVENTORY_CALLS.filter((call) => call.keys === undefined && !call.global).map(
    ({ call }): MissingCall => ({ scope, call, key: '', code: 'NotCollected', message: error }),
  )
  return { takenAt: null, documents: [], missing }
}

/** The oldest part decides how stale a conclusion may be. */
function join(parts: readonly Snapshot[]): Snapshot {
  const times = parts.flatMap(({ takenAt }) => (takenAt === null ? [] : [takenAt])).sort()
  return {
    takenAt: times[0] ?? null,
    documents: parts.flatMap(({ documents }) => documents),
    missing: parts.flatMap(({ missing }) => missing),
  }
}
