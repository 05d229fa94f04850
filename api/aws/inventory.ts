import type { MissingCall, Snapshot, SnapshotDocument } from '../network/snapshot.js'
import { snapshotFileName } from '../snapshot/names.js'
import { redact } from '../snapshot/redact.js'
import type { AwsClients } from './client.js'
import { failureOf } from './failure.js'
import type { Collected, InventoryCall, Item } from './inventory-call.js'
import { INVENTORY_CALLS } from './inventory-calls.js'
import { joinPages } from './inventory-pages.js'

/** What a collection gave, and what its manifest says besides. */
interface Inventory {
  readonly snapshot: Snapshot
  readonly regions: readonly string[]
  readonly accounts: readonly string[]
}

/** Nothing can be collected: no valid credentials, no such region, nothing that answers. */
export class InventoryError extends Error {
  override readonly name = 'InventoryError'
}

interface InventoryOptions {
  /** The time that the snapshot carries; default now. */
  readonly takenAt?: Date
  /** What is asked for; default all of it. */
  readonly calls?: readonly InventoryCall[]
  /** Requests in flight at once; default 8. */
  readonly concurrency?: number
  /** Told of each call that ended: for a progress line. */
  readonly onCall?: (done: {
    readonly region: string
    readonly call: string
    readonly missing: boolean
  }) => void
}

/** The folder of answers that are the same in every region. */
const GLOBAL_SCOPE = 'global'

const NOT_AUTHENTICATED: ReadonlySet<string> = new Set([
  'AuthFailure',
  'CredentialsProviderError',
  'ExpiredToken',
  'ExpiredTokenException',
  'IncompleteSignature',
  'InvalidClientTokenId',
  'InvalidSignatureException',
  'MissingAuthenticationToken',
  'RequestExpired',
  'SignatureDoesNotMatch',
  'TokenProviderError',
  'UnrecognizedClientException',
])

/**
 * Collects a snapshot from AWS: every call of the table, in each region that a set of clients stands for.
 * A call that AWS denies, or that fails after the SDK's retries, becomes a missing call with AWS's own code;
 * what hangs on its ids is missing too. Secrets are dropped before anything is kept.
 *
 * @throws {InventoryError} where the credentials are not valid, or not a single call was answered
 */
export async function collectInventory(
  regions: readonly AwsClients[],
  options: InventoryOptions = {},
): Promise<Inventory> {
  const documents: SnapshotDocument[] = []
  const missing: MissingCall[] = []
  const takenAt = (options.takenAt ?? new Date()).toISOString()
  for (const [index, clients] of regions.entries()) {
    // What is the same everywhere is asked for once, by the first region's clients.
    const calls = (options.calls ?? INVENTORY_CALLS).filter((call) => index === 0 || !call.global)
    await collectRegion(clients, calls, options, documents, missing)
  }
  if (documents.length === 0) {
    const first = missing[0]
    throw new InventoryError(
      `no call was answered; ${first?.call ?? 'none'}: ${first?.code ?? ''} ${first?.message ?? ''}`,
    )
  }
  return {
    snapshot: { takenAt, documents, missing },
    regions: regions.map(({ region }) => region),
    accounts: accountsIn(documents),
  }
}

async function collectRegion(
  clients: AwsClients,
  calls: readonly InventoryCall[],
  options: InventoryOptions,
  documents: SnapshotDocument[],
  missing: MissingCall[],
): Promise<void> {
  const answers = new Map<string, readonly Item[]>()
  const collected: Collected = (call) => answers.get(call) ?? []
  const run = async ({ call, key }: Task) => {
    const scope = call.global ? GLOBAL_SCOPE : clients.region
    try {
      const body = redact(joinPages(await all(call.pages(clients, key)), call.list))
      documents.push({
        file: `${scope}/${snapshotFileName(call.call, fileKey(key))}`,
        scope,
        call: call.call,
        key: fileKey(key),
        body,
      })
      if (call.list !== null) answers.set(call.call, items(body, call.list))
      options.onCall?.({ region: clients.region, call: call.call, missing: false })
    } catch (cause) {
      const { code, message } = failureOf(cause)
      if (NOT_AUTHENTICATED.has(code)) {
        throw new InventoryError(
          `AWS does not accept the credentials for ${clients.region}: ${code}: ${message}`,
          { cause },
        )
      }
      missing.push({ scope, call: call.call, key: fileKey(key), code, message })
      options.onCall?.({ region: clients.region, call: call.call, missing: true })
    }
  }
  const concurrency = options.concurrency ?? 8
  const lists = calls.filter((call) => call.keys === undefined)
  const [first, ...rest] = lists.map((call): Task => ({ call, key: '' }))
  // The first call alone: bad credentials then fail once, not once a call.
  if (first !== undefined) await run(first)
  await inParallel(rest, concurrency, run)
  const byId = calls.filter((call) => call.keys !== undefined)
  await inParallel(
    byId.flatMap((call) => (call.keys?.(collected) ?? []).map((key): Task => ({ call, key }))),
    concurrency,
    run,
  )
}

interface Task {
  readonly call: InventoryCall
  readonly key: string
}

async function all<Page>(pages: AsyncIterable<Page>): Promise<Page[]> {
  const list: Page[] = []
  for await (const page of pages) list.push(page)
  return list
}

/** Runs the tasks with at most `limit` at a time; the first failure ends it, once the running ones are through. */
async function inParallel<T>(
  tasks: readonly T[],
  limit: number,
  run: (task: T) => Promise<void>,
): Promise<void> {
  const queue = tasks[Symbol.iterator]()
  let failed = false
  const worker = async () => {
    for (const task of queue) {
      if (failed) return
      try {
        await run(task)
      } catch (error) {
        failed = true
        throw error
      }
    }
  }
  const ends = await Promise.allSettled(Array.from({ length: Math.min(limit, tasks.length) }, worker))
  for (const end of ends) if (end.status === 'rejected') throw end.reason
}

function items(body: unknown, list: string): readonly Item[] {
  const value = typeof body === 'object' && body !== null && list in body ? (body as Item)[list] : []
  return Array.isArray(value) ? value : []
}

/** A role with a very long path would not fit a file name: its name, which is unique in its account, stands for it. */
function fileKey(key: string): string {
  return encodeURIComponent(key).length <= 190 ? key : (key.split('/').at(-1) ?? key)
}

const ACCOUNT_LISTS = [
  ['describe-vpcs', 'Vpcs', 'OwnerId'],
  ['describe-security-groups', 'SecurityGroups', 'OwnerId'],
  ['list-functions', 'Functions', 'FunctionArn'],
  ['describe-db-instances', 'DBInstances', 'DBInstanceArn'],
] as const

/** The accounts whose VPCs, groups, functions and databases were seen: there is no call that names just one's own. */
function accountsIn(documents: readonly SnapshotDocument[]): readonly string[] {
  const accounts = new Set<string>()
  for (const { call, body } of documents) {
    for (const [name, list, field] of ACCOUNT_LISTS) {
      if (call !== name) continue
      for (const item of items(body, list)) {
        const account = /(?:^|:)(\d{12})(?:$|:)/.exec(String(item[field] ?? ''))?.[1]
        if (account !== undefined) accounts.add(account)
      }
    }
  }
  return [...accounts].sort()
}
