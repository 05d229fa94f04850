import { LambdaClient } from '@aws-sdk/client-lambda'
import { functionArn } from '../arn.js'
import type { FunctionHealth } from '../health/health.js'
import type { ProbeRun, Runner } from '../runner.js'
import type { Roles } from './accounts.js'
import { invokeProbe } from './invoke.js'

/** A probe's Lambda, and the subnet that it stands in. */
export interface ProbePlace {
  readonly probe: string
  readonly subnet: string | null
}

export interface LambdaRunnerOptions {
  /** By which other accounts are reached; an account without a role is Sonde's own. */
  readonly roles: Roles
  /**
   * Names that may be invoked, `*` standing for any characters. A probe's name comes from reports, and whoever may send
   * reports must not choose what Sonde invokes.
   */
  readonly probes: readonly string[]
  /** For one probe to answer. */
  readonly timeoutMs: number
  /** Probes that discovery knows of, reports or not. */
  readonly known?: (health: FunctionHealth) => readonly ProbePlace[]
}

/** Probes of one function that run at once. */
const AT_ONCE = 10

/** Runs probes by invoking their Lambdas. `close` ends its connections. */
export function createLambdaRunner(options: LambdaRunnerOptions): Runner & { readonly close: () => void } {
  const allowed = options.probes.map(patternOf)
  const clients = new Map<string, LambdaClient>()

  const clientFor = (account: string | null, region: string): LambdaClient => {
    const key = `${account ?? ''} ${region}`
    const open = clients.get(key)
    if (open !== undefined) return open
    const credentials = options.roles(account)
    const client = new LambdaClient({
      region,
      // Tries are counted where it is known what may be tried again.
      maxAttempts: 1,
      requestHandler: { connectionTimeout: 5000 },
      ...(credentials ? { credentials } : {}),
    })
    clients.set(key, client)
    return client
  }

  const runOne = async ({ probe, subnet }: ProbePlace, health: FunctionHealth): Promise<ProbeRun> => {
    const began = performance.now()
    const { account, region } = health
    const ended = (error: string): ProbeRun => ({ probe, subnet, run: null, ms: 0, results: [], error })
    if (!allowed.some((pattern) => pattern.test(probe))) {
      return ended(`not invoked: none of the names under runs.probes (${options.probes.join(', ')}) fits it`)
    }
    if (region === null) return ended('not invoked: no report and no discovery tells its region')
    // By its ARN where the account is known: credentials of another account then can't meet a function of the same name.
    const name = account === null ? probe : functionArn({ name: probe, region, account })
    const { reports, error } = await invokeProbe(clientFor(account, region), name, options.timeoutMs)
    const [first] = reports
    return {
      probe,
      subnet: first?.probe.subnet ?? subnet,
      run: first?.run ?? null,
      ms: Math.round(performance.now() - began),
      results: reports.flatMap(({ results }) => results),
      error,
      reports,
    }
  }

  return {
    run: async (health) => {
      const places = placesOf(health, options.known?.(health) ?? [])
      const runs: ProbeRun[] = []
      for (let from = 0; from < places.length; from += AT_ONCE) {
        const some = places.slice(from, from + AT_ONCE)
        runs.push(...(await Promise.all(some.map((place) => runOne(place, health)))))
      }
      return runs
    },
    close: () => {
      for (const client of clients.values()) client.destroy()
      clients.clear()
    },
  }
}

/** The probes whose results make up a function's health, and those that discovery knows, each once, by name. */
function placesOf(health: FunctionHealth, known: readonly ProbePlace[]): readonly ProbePlace[] {
  const reported = health.checks.flatMap(({ standpoints }) =>
    standpoints.map(({ probe, subnet }): ProbePlace => ({ probe, subnet })),
  )
  const places = new Map([...known, ...reported].map((place) => [place.probe, place]))
  return [...places.values()].sort((a, b) => (a.probe < b.probe ? -1 : 1))
}

function patternOf(pattern: string): RegExp {
  const source = pattern.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*')
  return new RegExp(`^${source}$`)
}
