import { CloudWatchLogsClient, FilterLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs'
import type { LogGroup } from '../ingest/cloudwatch-pull.js'

export interface OpenedLogGroups {
  readonly groups: readonly LogGroup[]
  readonly close: () => void
}

/**
 * Log groups of one region, ready to be read. Credentials and `AWS_ENDPOINT_URL` come from the environment, as with every AWS
 * tool. The SDK's own retries are off: a retry takes from the quota that all groups share, so the puller does it.
 */
export function openLogGroups(region: string, names: readonly string[]): OpenedLogGroups {
  const client = new CloudWatchLogsClient({ region, maxAttempts: 1 })
  return {
    groups: names.map((name) => ({
      region,
      name,
      filterLogEvents: (input, signal) =>
        client.send(new FilterLogEventsCommand(input), { abortSignal: signal }),
    })),
    close: () => client.destroy(),
  }
}
