import { CloudWatchLogsClient, FilterLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs'
import type { LogGroup } from '../ingest/cloudwatch-pull.js'
import type { CredentialsProvider } from './accounts.js'

export interface OpenedLogGroups {
  readonly groups: readonly LogGroup[]
  readonly close: () => void
}

/**
 * Log groups of one region, ready to be read. Credentials, where none are given, and `AWS_ENDPOINT_URL` come from the
 * environment, as with every AWS tool. The SDK's own retries are off: a retry takes from the quota that all groups share, so the puller does it.
 */
export function openLogGroups(
  place: { readonly region: string; readonly account?: string },
  names: readonly string[],
  credentials?: CredentialsProvider,
): OpenedLogGroups {
  const { region } = place
  const client = new CloudWatchLogsClient({ region, maxAttempts: 1, ...(credentials ? { credentials } : {}) })
  return {
    groups: names.map((name) => ({
      ...place,
      name,
      filterLogEvents: (input, signal) =>
        client.send(new FilterLogEventsCommand(input), { abortSignal: signal }),
    })),
    close: () => client.destroy(),
  }
}
