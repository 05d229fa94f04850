import { INVENTORY_CALLS } from './inventory-calls.js'

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
 * The least that `sonde snapshot` needs: exactly the actions of its table of calls, all of them reads.
 * Most of these know no resource in IAM (https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonec2.html);
 * those that do are narrowed.
 *
 * @param partition `aws`, `aws-cn`, `aws-us-gov`, …: see `partitionOf`
 */
export function snapshotPolicy(partition = 'aws'): Policy {
  const narrow = INVENTORY_CALLS.filter((call) => call.resource !== undefined)
  const resources = unique(narrow.map((call) => call.resource ?? ''))
  return {
    Version: '2012-10-17',
    Statement: [
      {
        Sid: 'SondeSnapshot',
        Effect: 'Allow',
        Action: unique(
          INVENTORY_CALLS.filter((call) => call.resource === undefined).map((call) => call.action),
        ),
        Resource: '*',
      },
      ...resources.map((resource) => ({
        Sid: `SondeSnapshot${serviceName(resource)}`,
        Effect: 'Allow' as const,
        Action: unique(narrow.filter((call) => call.resource === resource).map((call) => call.action)),
        Resource: resource.replace('PARTITION', partition),
      })),
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
