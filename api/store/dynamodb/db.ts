import { setTimeout as sleep } from 'node:timers/promises'
import {
  type AttributeValue,
  BatchGetItemCommand,
  ConditionalCheckFailedException,
  type ConsumedCapacity,
  DeleteItemCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  type QueryCommandInput,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb'
import { LISTS_INDEX } from './table.js'

export interface Key {
  readonly pk: string
  readonly sk: string
}

export type Item = Record<string, AttributeValue>

/** A condition or an update, in DynamoDB's expressions; names and values carry their `#` and `:`. */
export interface Expression {
  readonly text: string
  readonly names?: Readonly<Record<string, string>>
  readonly values?: Readonly<Record<string, AttributeValue>>
}

export interface Range {
  readonly pk: string
  /** Both ends belong to the range. */
  readonly from?: string
  readonly to?: string
  readonly newestFirst?: boolean
  /** Items asked for at once; DynamoDB itself stops at 1 MB. */
  readonly piece?: number
  readonly consistent?: boolean
}

/** One DynamoDB table, in the few calls that the store makes. Throttled and failed calls are tried again by the SDK. */
export interface Db {
  readonly table: string
  readonly get: (key: Key, consistent?: boolean) => Promise<Item | null>
  /** Those that are there, by `keyText`. */
  readonly getMany: (keys: readonly Key[], consistent?: boolean) => Promise<ReadonlyMap<string, Item>>
  /** False if the condition did not hold. */
  readonly put: (key: Key, attributes: Item, condition?: Expression) => Promise<boolean>
  /** The item as it is afterwards; null if the condition did not hold. */
  readonly update: (key: Key, update: Expression, condition?: string) => Promise<Item | null>
  readonly remove: (key: Key, condition?: Expression) => Promise<boolean>
  readonly query: (range: Range) => AsyncGenerator<Item>
  /** The same on the index of lists, whose order is eventually that of the table. */
  readonly list: (range: Range) => AsyncGenerator<Item>
  readonly close: () => void
}

export interface DbOptions {
  readonly table: string
  /** Default: the environment's. */
  readonly region?: string
  /** For an emulator; default: `AWS_ENDPOINT_URL`, else AWS. */
  readonly endpoint?: string
  /** Told of every call, in DynamoDB's units. */
  readonly onCapacity?: (kind: 'read' | 'write', units: number) => void
}

/** BatchGetItem's own limit. https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchGetItem.html */
const BATCH = 100
/** Throttled writes come back for seconds while a partition splits. */
const MAX_ATTEMPTS = 10
const MAX_PAUSE_MS = 2000

/** A client; who only wants to know whether a table is there waits less long for it. */
export function openClient(
  { region, endpoint }: Omit<DbOptions, 'table'>,
  maxAttempts = MAX_ATTEMPTS,
): DynamoDBClient {
  return new DynamoDBClient({
    maxAttempts,
    ...(region === undefined ? {} : { region }),
    ...(endpoint === undefined ? {} : { endpoint }),
  })
}

export function openDb(options: DbOptions): Db {
  const client = openClient(options)
  const { table, onCapacity } = options
  const counted = onCapacity === undefined ? {} : { ReturnConsumedCapacity: 'TOTAL' as const }
  const count = (kind: 'read' | 'write', used: ConsumedCapacity | undefined): void => {
    if (used?.CapacityUnits !== undefined) onCapacity?.(kind, used.CapacityUnits)
  }

  const getPiece = async (
    keys: readonly Key[],
    consistent: boolean,
    into: Map<string, Item>,
  ): Promise<void> => {
    let left: Item[] = keys.map(keyItem)
    for (let tries = 0; left.length > 0; tries += 1) {
      if (tries > 0) await sleep(Math.random() * Math.min(MAX_PAUSE_MS, 20 * 2 ** tries))
      const request = { [table]: { Keys: left, ConsistentRead: consistent } }
      const answer = await client.send(new BatchGetItemCommand({ RequestItems: request, ...counted }))
      for (const used of answer.ConsumedCapacity ?? []) count('read', used)
      for (const item of answer.Responses?.[table] ?? []) into.set(keyText(keyOf(item)), item)
      left = answer.UnprocessedKeys?.[table]?.Keys ?? []
    }
  }

  async function* pages(range: Range, index: string | null): AsyncGenerator<Item> {
    const [pk, sk] = index === null ? ['pk', 'sk'] : [LISTS_INDEX.partitionKey.name, LISTS_INDEX.sortKey.name]
    const { condition, values } = keyCondition(range)
    let start: Item | undefined
    do {
      const input: QueryCommandInput = {
        TableName: table,
        ...(index === null ? {} : { IndexName: index }),
        KeyConditionExpression: `#pk = :pk${condition}`,
        ExpressionAttributeNames: { '#pk': pk, ...(condition === '' ? {} : { '#sk': sk }) },
        ExpressionAttributeValues: { ':pk': { S: range.pk }, ...values },
        ScanIndexForward: range.newestFirst !== true,
        ConsistentRead: index === null && range.consistent === true,
        ...(range.piece === undefined ? {} : { Limit: range.piece }),
        ...(start === undefined ? {} : { ExclusiveStartKey: start }),
        ...counted,
      }
      const answer = await client.send(new QueryCommand(input))
      count('read', answer.ConsumedCapacity)
      yield* answer.Items ?? []
      start = answer.LastEvaluatedKey
    } while (start !== undefined)
  }

  return {
    table,
    get: async (key, consistent = false) => {
      const answer = await client.send(
        new GetItemCommand({ TableName: table, Key: keyItem(key), ConsistentRead: consistent, ...counted }),
      )
      count('read', answer.ConsumedCapacity)
      return answer.Item ?? null
    },
    getMany: async (keys, consistent = false) => {
      const found = new Map<string, Item>()
      const distinct = [...new Map(keys.map((key) => [keyText(key), key])).values()]
      const pieces = Array.from({ length: Math.ceil(distinct.length / BATCH) }, (_, n) =>
        distinct.slice(n * BATCH, (n + 1) * BATCH),
      )
      await Promise.all(pieces.map((piece) => getPiece(piece, consistent, found)))
      return found
    },
    put: async (key, attributes, condition) =>
      (await unlessRefused(async () => {
        const input = {
          TableName: table,
          Item: { ...keyItem(key), ...attributes },
          ...conditionOf(condition),
        }
        const answer = await client.send(new PutItemCommand({ ...input, ...counted }))
        count('write', answer.ConsumedCapacity)
        return true
      })) ?? false,
    update: (key, update, condition) =>
      unlessRefused(async () => {
        const answer = await client.send(
          new UpdateItemCommand({
            TableName: table,
            Key: keyItem(key),
            UpdateExpression: update.text,
            ...(update.names ? { ExpressionAttributeNames: update.names } : {}),
            ...(update.values ? { ExpressionAttributeValues: update.values } : {}),
            ...(condition === undefined ? {} : { ConditionExpression: condition }),
            ReturnValues: 'ALL_NEW',
            ...counted,
          }),
        )
        count('write', answer.ConsumedCapacity)
        return answer.Attributes ?? {}
      }),
    remove: async (key, condition) =>
      (await unlessRefused(async () => {
        const input = { TableName: table, Key: keyItem(key), ...conditionOf(condition) }
        const answer = await client.send(new DeleteItemCommand({ ...input, ...counted }))
        count('write', answer.ConsumedCapacity)
        return true
      })) ?? false,
    query: (range) => pages(range, null),
    list: (range) => pages(range, LISTS_INDEX.name),
    close: () => client.destroy(),
  }
}

export function keyText({ pk, sk }: Key): string {
  return `${pk}\n${sk}`
}

export function keyOf(item: Item): Key {
  return { pk: textOf(item, 'pk'), sk: textOf(item, 'sk') }
}

/** @throws TypeError if the item is not one that the store wrote */
export function textOf(item: Item, name: string): string {
  const value = item[name]?.S
  if (value === undefined) throw new TypeError(`an item of the table lacks the text "${name}"`)
  return value
}

/** 0 where it is absent. */
export function numberOf(item: Item, name: string): number {
  return Number(item[name]?.N ?? 0)
}

/** @throws TypeError if the item is not one that the store wrote */
export function bytesOf(item: Item, name: string): Uint8Array {
  const value = item[name]?.B
  if (value === undefined) throw new TypeError(`an item of the table lacks the bytes "${name}"`)
  return value
}

/** Empty where it is absent: DynamoDB knows no empty set. In order. */
export function setOf(item: Item | null, name: string): readonly string[] {
  return [...(item?.[name]?.SS ?? [])].sort()
}

export const text = (value: string): AttributeValue => ({ S: value })
export const number = (value: number): AttributeValue => ({ N: String(value) })
export const bytes = (value: Uint8Array): AttributeValue => ({ B: value })

/** Writes only over an older version of what is derived from something versioned: a slow writer undoes nothing. */
export function notOlderThan(version: number): Expression {
  return {
    text: 'attribute_not_exists(#v) OR #v <= :v',
    names: { '#v': 'v' },
    values: { ':v': number(version) },
  }
}

function keyItem({ pk, sk }: Key): Item {
  return { pk: { S: pk }, sk: { S: sk } }
}

function keyCondition({ from, to }: Range): { condition: string; values: Item } {
  if (from !== undefined && to !== undefined)
    return { condition: ' AND #sk BETWEEN :from AND :to', values: { ':from': { S: from }, ':to': { S: to } } }
  if (from !== undefined) return { condition: ' AND #sk >= :from', values: { ':from': { S: from } } }
  if (to !== undefined) return { condition: ' AND #sk <= :to', values: { ':to': { S: to } } }
  return { condition: '', values: {} }
}

function conditionOf(condition: Expression | undefined) {
  if (condition === undefined) return {}
  return {
    ConditionExpression: condition.text,
    ...(condition.names ? { ExpressionAttributeNames: condition.names } : {}),
    ...(condition.values ? { ExpressionAttributeValues: condition.values } : {}),
  }
}

async function unlessRefused<T>(call: () => Promise<T>): Promise<T | null> {
  try {
    return await call()
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return null
    throw error
  }
}
