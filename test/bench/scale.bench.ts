import { listen, startApi } from '../support/api.js'
import type { BenchRow } from './bench.js'
import { FLEET, fleetRun, functionName } from './fleet.js'
import { MINUTE, T0 } from './history.js'

/** Minutes of history that are replayed: 36,000 reports, 360,000 results. */
const MINUTES = 60
const CALLS = 300
/** The answer may be waited for by a person who looks for the cause at night. */
const GOAL = 'p99 <= 100 ms'

/**
 * What the routes take over HTTP with the whole fleet behind them, 10,000 functions with an hour of reports from 600 probes, one call
 * after the other, each about another function; beside a route that reads nothing, which is what this machine takes for any answer.
 */
export async function run(): Promise<readonly BenchRow[]> {
  const probes = FLEET.postures * FLEET.subnets
  const api = await startApi({ start: new Date(T0 + MINUTES * MINUTE) })
  try {
    for (let minute = 0; minute < MINUTES; minute += 1) {
      const reports = Array.from({ length: probes }, (_, probe) => fleetRun(probe, minute))
      await api.store.ingest({
        source: 'bench',
        receivedAt: api.now(),
        reports,
        rejects: [],
        otherLines: 0,
      })
    }
    const url = await listen(api.app)
    const from = new Date(T0).toISOString()
    const to = api.now().toISOString()
    const bare = await timed(() => `${url}/livez`)
    const rows: BenchRow[] = []
    for (const [what, path] of Object.entries(routes(from, to))) {
      const { p50, p99 } = await timed((n) => url + path(nameOf(n)))
      const row = { unit: 'ms', reference: bare.p99 }
      rows.push({ name: `${what}: p50`, value: p50, ...row, reference: bare.p50, ratio: p50 / bare.p50 })
      rows.push({ name: `${what}: p99`, value: p99, ...row, ratio: p99 / bare.p99, goal: GOAL })
    }
    return rows
  } finally {
    await api.close()
  }
}

function routes(from: string, to: string): Readonly<Record<string, (name: string) => string>> {
  return {
    'a page of 50 of 10,000 functions': () => '/v1/functions?limit=50',
    'the failing of 10,000 functions': () => '/v1/functions?status=failing&limit=50',
    'a name searched in 10,000 functions': (name) => `/v1/functions?limit=50&text=${name}`,
    'one function': (name) => `/v1/functions/${name}`,
    'the health of one function': (name) => `/v1/functions/${name}/health`,
    'a page of 50 results': (name) => `/v1/functions/${name}/results?limit=50`,
    'an hour by minute': (name) => `/v1/functions/${name}/timeline?from=${from}&to=${to}&step=minute`,
    incidents: () => '/v1/incidents?limit=50',
  }
}

/** Spread over the fleet, so that no call finds what the one before it has read. */
function nameOf(n: number): string {
  const perPosture = FLEET.functions / FLEET.postures
  return functionName((n * 37) % FLEET.postures, (n * 13) % perPosture)
}

async function timed(urlOf: (n: number) => string): Promise<{ p50: number; p99: number }> {
  const times: number[] = []
  for (let n = 0; n < CALLS; n += 1) {
    const start = performance.now()
    const response = await fetch(urlOf(n))
    const body = await response.text()
    times.push(performance.now() - start)
    if (!response.ok && response.status !== 503) throw new Error(`${urlOf(n)}: ${response.status} ${body}`)
  }
  times.sort((a, b) => a - b)
  const at = (part: number) => times[Math.floor(part * (CALLS - 1))] ?? Number.NaN
  return { p50: at(0.5), p99: at(0.99) }
}
