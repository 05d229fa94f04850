import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { FastifyInstance, InjectOptions, LightMyRequestResponse } from 'fastify'
import { createDiagnoser } from '../../api/diagnoser.js'
import { DEFAULT_POLICY, type HealthPolicy } from '../../api/health/health.js'
import { type NetworkState, openNetworkState } from '../../api/network-state.js'
import { buildServer, type ServerOptions } from '../../api/server.js'
import { openSnapshotVersions } from '../../api/snapshot/versions.js'
import { openSqliteStore } from '../../api/store/sqlite/store.js'
import { DEFAULT_RETENTION } from '../../api/store/store.js'
import { type WatchedStore, watchStore } from '../../api/watched-store.js'
import type { Report, Result } from '../../probe/report.schema.js'
import { answersAgainst } from './answers.js'

/** The moment at which tests begin; their clock moves only when they say so. */
export const START = new Date('2026-01-31T12:00:00.000Z')

export interface Bench {
  readonly app: FastifyInstance
  readonly store: WatchedStore
  readonly network: NetworkState
  /** Where the database is. */
  readonly folder: string
  /** Moves the server's clock. */
  readonly pass: (ms: number) => void
  readonly now: () => Date
  /** Once is enough; again is no harm. */
  readonly close: () => Promise<void>
}

type Options = Partial<Omit<ServerOptions, 'store' | 'clock' | 'network' | 'diagnoser'>> & {
  readonly policy?: HealthPolicy
  /** Where the server's clock begins; default `START`. */
  readonly start?: Date
}

/** A real server over a real database in a folder of its own; `close` takes both away. */
export async function startApi({
  policy = DEFAULT_POLICY,
  start = START,
  ...options
}: Options = {}): Promise<Bench> {
  const folder = await mkdtemp(join(tmpdir(), 'sonde-api-'))
  const store = watchStore(await openSqliteStore(folder, { policy, retention: DEFAULT_RETENTION }))
  let now = start.getTime()
  const clock = () => new Date(now)
  const versions = await openSnapshotVersions(join(folder, 'snapshots'), 5)
  const network = await openNetworkState(versions, null, clock)
  const app = await buildServer({
    version: '0.0.0-test',
    auth: { mode: 'open', tokens: [] },
    runner: null,
    sample: null,
    ...options,
    store,
    clock,
    network,
    diagnoser: createDiagnoser({ store, network, clock }),
  })
  await holdToDocument(app)
  const close = async (): Promise<void> => {
    await app.close()
    await store.close()
    await rm(folder, { recursive: true, force: true })
  }
  let closed: Promise<void> | null = null
  return {
    app,
    store,
    network,
    folder,
    pass: (ms) => {
      now += ms
    },
    now: () => new Date(now),
    close: () => {
      closed ??= close()
      return closed
    },
  }
}

/** From now on an injected request throws where its answer is not as the OpenAPI document says. */
async function holdToDocument(app: FastifyInstance): Promise<void> {
  await app.ready()
  const faultsOf = answersAgainst(app.swagger())
  const inject = app.inject.bind(app)
  const checked = async (request: InjectOptions | string): Promise<LightMyRequestResponse> => {
    const answer = await inject(request)
    const { method = 'GET', url: asked = '' } = typeof request === 'string' ? { url: request } : request
    const url = typeof asked === 'string' ? asked : asked.pathname
    const { statusCode: status, headers, body } = answer
    if (headers['content-encoding'] !== undefined) return answer
    const faults = faultsOf({ method, url, status, contentType: String(headers['content-type'] ?? ''), body })
    if (faults.length > 0) throw new Error(`${faults.slice(0, 5).join('\n')}\n${body.slice(0, 500)}`)
    return answer
  }
  Object.assign(app, { inject: checked })
}

/** Listens on loopback and says where. */
export async function listen(app: FastifyInstance): Promise<string> {
  return app.listen({ host: '127.0.0.1', port: 0 })
}

export function result(check: string, outcome = 'ok', more: Partial<Result> = {}): Result {
  return {
    check,
    kind: 'tcp',
    target: 'db.internal:5432',
    expect: 'reachable',
    outcome,
    asExpected: outcome === 'ok',
    ms: 12.5,
    phases: { dns: 1, connect: 11.5 },
    ...(outcome === 'ok' ? {} : { endedIn: 'connect' as const }),
    address: '10.0.0.5',
    addressKind: 'private',
    attempts: [{ outcome, ms: 12.5 }],
    ...more,
  }
}

export interface ReportParts {
  readonly run: string
  readonly at?: Date
  readonly function?: string
  readonly region?: string | null
  readonly account?: string | null
  readonly subnet?: string | null
  readonly workloads?: readonly string[]
  readonly results?: readonly Result[]
}

/** A report as a probe in `subnet-a` would print it for the function `orders`. */
export function report(parts: ReportParts): Report {
  const {
    run,
    at = START,
    function: name = 'sonde-probe-a',
    region = 'eu-west-1',
    account = '123456789012',
    subnet = 'subnet-a',
    workloads = ['orders'],
  } = parts
  return {
    sonde: 1,
    run,
    part: [1, 1],
    probe: {
      function: name,
      version: '0.1.0',
      region,
      account,
      subnet,
      securityGroups: ['sg-1'],
      coldStart: false,
      memoryMb: 128,
      runtime: 'nodejs22.x',
      workloads: [...workloads],
      intervalMs: 60_000,
    },
    startedAt: at.toISOString(),
    durationMs: 20,
    results: [...(parts.results ?? [result('orders-db')])],
  }
}

/** Takes reports in as if a source had brought them. */
export async function takeIn(bench: Bench, ...reports: readonly Report[]): Promise<void> {
  await bench.store.ingest({
    source: 'test',
    receivedAt: bench.now(),
    reports,
    rejects: [],
    otherLines: 0,
  })
}

export function ndjson(...lines: readonly unknown[]): string {
  return lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line))).join('\n')
}

/** Waits until a condition holds; fails by the test's own timeout otherwise. Asks ever less often: what takes long needs the CPU itself. */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  for (let wait = 5; !(await condition()); wait = Math.min(wait * 1.5, 100))
    await new Promise((resolve) => setTimeout(resolve, wait))
}
