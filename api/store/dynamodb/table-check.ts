import {
  CreateTableCommand,
  DescribeTableCommand,
  type DynamoDBClient,
  ResourceInUseException,
  ResourceNotFoundException,
  ScanCommand,
  type TableDescription,
  UpdateTimeToLiveCommand,
  waitUntilTableExists,
} from '@aws-sdk/client-dynamodb'
import { type KeyAttribute, TABLE } from './table.js'

/** There is no such table. */
export class TableMissing extends Error {
  override readonly name = 'TableMissing'
  constructor(table: string, region: string | undefined) {
    super(
      `there is no DynamoDB table "${table}"${region === undefined ? '' : ` in ${region}`}: make it with ` +
        '`sonde store create`, or correct store.dynamodb in the configuration',
    )
  }
}

/** There is a table of that name, but it is not one of Sonde's. */
export class WrongTable extends Error {
  override readonly name = 'WrongTable'
  constructor(
    readonly table: string,
    readonly differences: readonly string[],
  ) {
    super(`the DynamoDB table "${table}" is not one that Sonde can use: ${differences.join('; ')}`)
  }
}

/** How long a new table may take to become active. */
const MAX_WAIT_SECONDS = 120

/**
 * Whether the table is as `TABLE` says.
 * @throws TableMissing, WrongTable
 */
export async function checkTable(
  client: DynamoDBClient,
  table: string,
  region: string | undefined,
): Promise<void> {
  const found = await describe(client, table)
  if (found === null) throw new TableMissing(table, region)
  const differences = differencesOf(found)
  if (differences.length > 0) throw new WrongTable(table, differences)
}

/**
 * Makes the table where there is none, waits until it can be used, and turns its TTL on. A table that is there and right is
 * left as it is. An emulator without TTL is no obstacle: then nothing goes by itself.
 *
 * @throws WrongTable if there is another one of that name
 */
export async function createTable(client: DynamoDBClient, table: string): Promise<'created' | 'there'> {
  const before = await describe(client, table)
  if (before !== null) {
    const differences = differencesOf(before)
    if (differences.length > 0) throw new WrongTable(table, differences)
    await turnOnTtl(client, table)
    return 'there'
  }
  const keys = [
    TABLE.partitionKey,
    TABLE.sortKey,
    ...TABLE.indexes.flatMap((one) => [one.partitionKey, one.sortKey]),
  ]
  await client
    .send(
      new CreateTableCommand({
        TableName: table,
        BillingMode: TABLE.billingMode,
        AttributeDefinitions: keys.map(({ name, type }) => ({ AttributeName: name, AttributeType: type })),
        KeySchema: keySchema(TABLE),
        GlobalSecondaryIndexes: TABLE.indexes.map((index) => ({
          IndexName: index.name,
          KeySchema: keySchema(index),
          Projection: { ProjectionType: index.projection },
        })),
      }),
    )
    .catch((error: unknown) => {
      // Another process makes it at the same time.
      if (!(error instanceof ResourceInUseException)) throw error
    })
  await waitUntilTableExists(
    { client, maxWaitTime: MAX_WAIT_SECONDS, minDelay: 1, maxDelay: 5 },
    { TableName: table },
  )
  await turnOnTtl(client, table)
  return 'created'
}

/**
 * Whether nothing lies in the table.
 * @throws TableMissing
 */
export async function isEmptyTable(
  client: DynamoDBClient,
  table: string,
  region: string | undefined,
): Promise<boolean> {
  const first = new ScanCommand({ TableName: table, Limit: 1, ConsistentRead: true })
  try {
    return ((await client.send(first)).Items ?? []).length === 0
  } catch (error) {
    throw error instanceof ResourceNotFoundException ? new TableMissing(table, region) : error
  }
}

async function describe(client: DynamoDBClient, table: string): Promise<TableDescription | null> {
  try {
    return (await client.send(new DescribeTableCommand({ TableName: table }))).Table ?? null
  } catch (error) {
    if (error instanceof ResourceNotFoundException) return null
    throw error
  }
}

async function turnOnTtl(client: DynamoDBClient, table: string): Promise<void> {
  const specification = { AttributeName: TABLE.ttlAttribute, Enabled: true }
  try {
    await client.send(
      new UpdateTimeToLiveCommand({ TableName: table, TimeToLiveSpecification: specification }),
    )
  } catch (error) {
    const name = error instanceof Error ? error.name : ''
    // On already, or an emulator that has none.
    if (name !== 'ValidationException' && name !== 'UnknownOperationException') throw error
  }
}

function keySchema(of: { readonly partitionKey: KeyAttribute; readonly sortKey: KeyAttribute }) {
  return [
    { AttributeName: of.partitionKey.name, KeyType: 'HASH' as const },
    { AttributeName: of.sortKey.name, KeyType: 'RANGE' as const },
  ]
}

function differencesOf(found: TableDescription): readonly string[] {
  const types = new Map(
    (found.AttributeDefinitions ?? []).map((one) => [one.AttributeName, one.AttributeType]),
  )
  const shown = (schema: TableDescription['KeySchema']): string =>
    (schema ?? [])
      .map(({ AttributeName }) => `${AttributeName} (${types.get(AttributeName) ?? '?'})`)
      .join(', ')
  const wanted = ({
    partitionKey,
    sortKey,
  }: Pick<typeof TABLE, 'partitionKey' | 'sortKey'> | (typeof TABLE.indexes)[number]) =>
    `${partitionKey.name} (${partitionKey.type}), ${sortKey.name} (${sortKey.type})`
  const differences: string[] = []
  if (shown(found.KeySchema) !== wanted(TABLE))
    differences.push(`its key is ${shown(found.KeySchema)} instead of ${wanted(TABLE)}`)
  for (const index of TABLE.indexes) {
    const own = found.GlobalSecondaryIndexes?.find(({ IndexName }) => IndexName === index.name)
    if (own === undefined) differences.push(`it has no index "${index.name}"`)
    else if (shown(own.KeySchema) !== wanted(index))
      differences.push(
        `the key of its index "${index.name}" is ${shown(own.KeySchema)} instead of ${wanted(index)}`,
      )
    else if (own.Projection?.ProjectionType !== index.projection)
      differences.push(`its index "${index.name}" does not project all attributes`)
  }
  return differences
}
