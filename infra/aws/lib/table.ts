import { RemovalPolicy } from 'aws-cdk-lib'
import {
  AttributeType,
  BillingMode,
  type CfnTable,
  type ITable,
  ProjectionType,
  Table,
  TableEncryption,
} from 'aws-cdk-lib/aws-dynamodb'
import type { IKey } from 'aws-cdk-lib/aws-kms'
import type { Construct } from 'constructs'
import { type KeyAttribute, TABLE } from '../../../api/store/dynamodb/table.js'
import { accept } from './accept.js'
import type { Statement } from './policy.js'

export interface TableOptions {
  readonly encryptionKey?: IKey
  readonly removalPolicy?: RemovalPolicy
}

/** The store's table, in the shape that the store itself states. */
export function storeTable(scope: Construct, id: string, options: TableOptions): Table {
  const removalPolicy = options.removalPolicy ?? RemovalPolicy.RETAIN
  const table = new Table(scope, id, {
    partitionKey: attribute(TABLE.partitionKey),
    sortKey: attribute(TABLE.sortKey),
    billingMode: BillingMode.PAY_PER_REQUEST,
    timeToLiveAttribute: TABLE.ttlAttribute,
    pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
    deletionProtection: removalPolicy === RemovalPolicy.RETAIN,
    removalPolicy,
    ...(options.encryptionKey
      ? { encryption: TableEncryption.CUSTOMER_MANAGED, encryptionKey: options.encryptionKey }
      : {}),
  })
  for (const { name, partitionKey, sortKey, projection } of TABLE.indexes)
    table.addGlobalSecondaryIndex({
      indexName: name,
      partitionKey: attribute(partitionKey),
      sortKey: attribute(sortKey),
      projectionType: ProjectionType[projection],
    })
  if (!options.encryptionKey)
    accept(table.node.defaultChild as CfnTable, [
      {
        checkov: ['CKV_AWS_119'],
        reason: 'Encrypted with the key of DynamoDB; encryptionKey sets a key of your own.',
      },
    ])
  return table
}

/**
 * What the store does to its table and no more. Transactions need the same actions
 * (https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis-iam.html); nothing is scanned.
 */
export function useTable(table: ITable): Statement {
  return {
    Sid: 'UseTheStore',
    Effect: 'Allow',
    Action: [
      'dynamodb:BatchGetItem',
      'dynamodb:DeleteItem',
      'dynamodb:GetItem',
      'dynamodb:PutItem',
      'dynamodb:Query',
      'dynamodb:UpdateItem',
    ],
    Resource: [table.tableArn, ...TABLE.indexes.map(({ name }) => `${table.tableArn}/index/${name}`)],
  }
}

function attribute({ name }: KeyAttribute): { readonly name: string; readonly type: AttributeType } {
  return { name, type: AttributeType.STRING }
}
