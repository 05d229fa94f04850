import type { AuthMode } from './auth.js'
import type { Config } from './config.js'
import type { Settings } from './routes/settings.js'

/**
 * What the server runs by, as it may be shown: no token, no hash, no key. Each member is named here one by one, so that
 * what the configuration learns later stays hidden until someone has decided that it may be seen.
 */
export function settingsOf(config: Config, auth: AuthMode): Settings {
  const { server, policy, retention, sources } = config
  return {
    file: config.file,
    auth,
    server: {
      host: server.host,
      port: server.port,
      requestsPerMinute: server.requestsPerMinute,
      maxBodyBytes: server.maxBodyBytes,
      trustProxy: server.trustProxy,
      publicBadges: server.publicBadges,
    },
    data: config.data,
    snapshots: config.snapshots,
    logLevel: config.logLevel,
    policy: { flipAfter: policy.flipAfter, intervalMs: policy.intervalMs },
    retention: {
      resultsDays: retention.resultsDays,
      minuteRollupsDays: retention.minuteRollupsDays,
      hourRollupsDays: retention.hourRollupsDays,
      dayRollupsDays: retention.dayRollupsDays,
      incidentsDays: retention.incidentsDays,
      maxRejects: retention.maxRejects,
      maxEvents: retention.maxEvents,
    },
    declaredFunctions: config.functions.length,
    tokens: config.tokens.map(({ name, scopes, requestsPerMinute }) => ({
      name,
      scopes: [...scopes],
      requestsPerMinute: requestsPerMinute ?? null,
    })),
    sources: {
      folders: sources.folders.map(({ path }) => path),
      cloudwatch: sources.cloudwatch.map(({ region, account, logGroups, pollMs }) => ({
        region,
        account: account ?? null,
        logGroups: [...logGroups],
        pollMs,
      })),
      firehose: sources.firehose !== null,
    },
    inventory: config.inventory && {
      regions: [...config.inventory.regions],
      everyMs: config.inventory.everyMs,
    },
    accounts: config.accounts.map(({ account, roleArn, regions }) => ({
      account,
      roleArn,
      regions: [...regions],
    })),
    runs: config.runs && {
      probes: [...config.runs.probes],
      timeoutMs: config.runs.timeoutMs,
      perFunctionPerMinute: config.runs.perFunctionPerMinute,
      perMinute: config.runs.perMinute,
    },
  }
}
