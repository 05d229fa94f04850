import type { InventoryCall } from './inventory-call.js'
import { DISCOVERY_CALLS, INVENTORY_CALLS } from './inventory-calls.js'

/** An IAM policy document. */
export interface Policy {
  readonly Version: '2012-10-17'
  readonly Statement: readonly {
    readonly Sid: string
    readonly Effect: 'Allow'
    readonly Action: readonly string[]
    readonly Resource: string | readonly string[]
  }[]
}

/**
 * The least that a collection needs: exactly the actions of its table of calls, all of them reads.
 * Most of these know no resource in IAM (https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonec2.html);
 * those that do are narrowed.
 *
 * @param partition `aws`, `aws-cn`, `aws-us-gov`, …: see `partitionOf`
 */
function collectionPolicy(calls: readonly InventoryCall[], sid: string, partition = 'aws'): Policy {
  const narrow = calls.filter((call) => call.resource !== undefined)
  const resources = unique(narrow.map((call) => call.resource ?? ''))
  return {
    Version: '2012-10-17',
    Statement: [
      {
        Sid: sid,
        Effect: 'Allow',
        Action: unique(calls.filter((call) => call.resource === undefined).map((call) => call.action)),
        Resource: '*',
      },
      ...resources.map((resource) => ({
        Sid: `${sid}${serviceName(resource)}`,
        Effect: 'Allow' as const,
        Action: unique(narrow.filter((call) => call.resource === resource).map((call) => call.action)),
        Resource: resource.replace('PARTITION', partition),
      })),
    ],
  }
}

/** What `sonde snapshot`, and the API's inventory, need. */
export function snapshotPolicy(partition = 'aws'): Policy {
  return collectionPolicy(INVENTORY_CALLS, 'SondeSnapshot', partition)
}

/** What `sonde discover` needs. */
export function discoveryPolicy(partition = 'aws'): Policy {
  return collectionPolicy(DISCOVERY_CALLS, 'SondeDiscover', partition)
}

/**
 * What runs on demand need: to invoke functions of these names, and nothing else.
 * @param probes names of functions; `*` stands for any characters
 */
export function runPolicy(probes: readonly string[], partition = 'aws'): Policy {
  return {
    Version: '2012-10-17',
    Statement: [
      {
        Sid: 'SondeRun',
        Effect: 'Allow',
        Action: ['lambda:InvokeFunction'],
        Resource: probes.map((name) => `arn:${partition}:lambda:*:*:function:${name}`),
      },
    ],
  }
}

function serviceName(resource: string): string {
  const service = resource.split(':')[2] ?? ''
  return service.charAt(0).toUpperCase() + service.slice(1)
}

function unique(values: readonly string[]): readonly string[] {
  return [...new Set(values)].sort()
}
