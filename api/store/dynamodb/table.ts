/**
 * The table of the DynamoDB store as pure data, for whoever makes it: `sonde store create`, CDK, CloudFormation.
 *
 * One table, one sparse index, on demand. What lies under which key is in ARCHITECTURE.md ("Past one machine").
 */
export interface TableShape {
  readonly partitionKey: KeyAttribute
  readonly sortKey: KeyAttribute
  readonly indexes: readonly IndexShape[]
  /** Epoch seconds after which an item may go (https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/TTL.html). */
  readonly ttlAttribute: string
  readonly billingMode: 'PAY_PER_REQUEST'
}

export interface KeyAttribute {
  readonly name: string
  readonly type: 'S'
}

export interface IndexShape {
  readonly name: string
  readonly partitionKey: KeyAttribute
  readonly sortKey: KeyAttribute
  readonly projection: 'ALL'
}

/** Sparse: only functions, incidents, rejects and stretches of results with something notable in them are in the index. */
export const LISTS_INDEX = {
  name: 'lists',
  partitionKey: { name: 'lpk', type: 'S' },
  sortKey: { name: 'lsk', type: 'S' },
  projection: 'ALL',
} as const satisfies IndexShape

export const TABLE = {
  partitionKey: { name: 'pk', type: 'S' },
  sortKey: { name: 'sk', type: 'S' },
  indexes: [LISTS_INDEX],
  ttlAttribute: 'expires',
  billingMode: 'PAY_PER_REQUEST',
} as const satisfies TableShape
