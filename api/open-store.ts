import type { Config, StoreConfig } from './config.js'
import { explainedFolder, makeDataFolder } from './data-folder.js'
import type { Store } from './store/store.js'

type DynamoConfig = Extract<StoreConfig, { engine: 'dynamodb' }>

/** The configured store can't be used, for a reason that its owner can mend. */
export class StoreUnusable extends Error {
  override readonly name = 'StoreUnusable'
}

/** What AWS says, by the name of the error, when it is asked as the wrong one or can't be asked at all. */
const TO_MEND = new Set([
  'TableMissing',
  'WrongTable',
  'CredentialsProviderError',
  'UnrecognizedClientException',
  'InvalidSignatureException',
  'ExpiredTokenException',
  'AccessDeniedException',
  'ConfigError',
])
const UNREACHABLE = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'ETIMEDOUT', 'ECONNRESET'])

/**
 * Opens the store that the configuration names. Each engine is loaded only where it is used: the AWS SDK takes longer to
 * load than all the rest.
 *
 * @throws DataFolderUnusable; StoreUnusable if a table is missing, has another schema or can't be reached; NewerSchema
 */
export async function openStore(
  config: Pick<Config, 'store' | 'data' | 'policy' | 'retention'>,
): Promise<Store> {
  const { store, data, policy, retention } = config
  if (store.engine === 'sqlite') {
    const { openSqliteStore } = await import('./store/sqlite/store.js')
    await makeDataFolder(data)
    return explainedFolder(data, () => openSqliteStore(data, { policy, retention }))
  }
  return explained(store, async () => {
    await checked(store)
    const { openDynamoStore } = await import('./store/dynamodb/store.js')
    return openDynamoStore(store, { policy, retention })
  })
}

/** Does work on a table, and says in one sentence what is wrong where its owner can mend it. */
export async function explained<T>(store: DynamoConfig, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof Error)) throw error
    const code = 'code' in error && typeof error.code === 'string' ? error.code : ''
    if (error.name === 'TableMissing' || error.name === 'WrongTable')
      throw new StoreUnusable(error.message, { cause: error })
    if (!TO_MEND.has(error.name) && !UNREACHABLE.has(code) && !/region is missing/i.test(error.message))
      throw error
    const where = store.endpoint ?? store.region ?? 'the region of the environment'
    const why = error.message === '' ? code : error.message
    throw new StoreUnusable(`the DynamoDB table "${store.table}" (${where}) can't be used: ${why}`, {
      cause: error,
    })
  }
}

/** Compares the table with what the store needs, where the role may look at it. */
async function checked({ table, ...where }: DynamoConfig): Promise<void> {
  const { openClient } = await import('./store/dynamodb/db.js')
  const { checkTable } = await import('./store/dynamodb/table-check.js')
  const client = openClient(where, 3)
  try {
    await checkTable(client, table, where.region)
  } catch (error) {
    // A role that may only read and write is enough; then a wrong table shows at the first use.
    if (!(error instanceof Error) || error.name !== 'AccessDeniedException') throw error
  } finally {
    client.destroy()
  }
}
