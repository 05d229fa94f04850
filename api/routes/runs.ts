import rateLimit from '@fastify/rate-limit'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { ResultSchema } from '../../probe/report.schema.js'
import { ApiError } from '../errors.js'
import { admit, type Gate } from '../gate.js'
import { sortLines } from '../ingest/sort-lines.js'
import type { ProbeRun, RunLimits, Runner } from '../runner.js'
import type { Store } from '../store/store.js'
import { functionNamed } from './function-named.js'
import {
  bodyProblems,
  commonProblems,
  NameParams,
  Nullable,
  notFound,
  problemResponse,
  ref,
} from './schemas.js'

export interface RunsOptions {
  readonly store: Store
  readonly runner: Runner | null
  readonly clock: () => Date
  readonly gate: Gate
  readonly limits: RunLimits
}

/** Where these reports came from, as `/v1/rejects` and the log name it. */
const SOURCE = 'run'

const RunResult = Object.assign(Type.Object({ ...ResultSchema.properties }), {
  $id: 'RunResult',
  title: 'RunResult',
  description: 'One check of a run, as the probe reported it.',
})

const ProbeRunSchema = Object.assign(
  Type.Object({
    probe: Type.String({ description: 'The probe’s own name: its Lambda function.' }),
    subnet: Nullable.String(),
    run: Nullable.String({ description: 'Id of the run; null where the probe did not run.' }),
    ms: Type.Number({ description: 'Milliseconds from asking to the answer.' }),
    results: Type.Array(ref(RunResult)),
    error: Nullable.String({ description: 'Why there are no results, or that some are missing.' }),
  }),
  { $id: 'ProbeRun', title: 'ProbeRun' },
)

/** `POST /v1/functions/{name}/runs`: has the function's probes run now and answers with what they saw. */
export const runsRoutes: FastifyPluginAsyncTypebox<RunsOptions> = async (app, options) => {
  const { store, runner, clock, gate } = options
  app.addSchema(RunResult)
  app.addSchema(ProbeRunSchema)
  const refuseTooMany = await limiter(app, options.limits)

  app.post(
    '/v1/functions/:name/runs',
    {
      config: { access: 'admin' },
      onRequest: admit(gate, 'runs'),
      schema: {
        summary: 'Run the probes of a function now',
        description:
          'Invokes every probe of the function’s posture with its own plan, waits for them and takes their reports in; the ' +
          'same reports come again by the log and count once. A probe that could not be run is told in its `error`. ' +
          `Limits: ${options.limits.perFunctionPerMinute} runs a minute for one function, ${options.limits.perMinute} for all.`,
        tags: ['functions'],
        params: NameParams,
        response: {
          200: Type.Object({
            function: Type.String(),
            startedAt: Type.String({ description: 'ISO 8601, UTC.' }),
            runs: Type.Array(ref(ProbeRunSchema)),
          }),
          ...commonProblems,
          ...bodyProblems,
          ...notFound,
          409: problemResponse('Nothing here can run probes.'),
        },
      },
    },
    async (request) => {
      const { name } = request.params
      const startedAt = clock()
      const health = await functionNamed(store, name, startedAt)
      if (!runner) {
        throw new ApiError(
          'runs_unavailable',
          'this server has no account in which it could invoke probes: name one under `runs` in its configuration',
        )
      }
      await refuseTooMany(request, name)
      const who = request.principal?.name ?? 'unknown'
      const audit = { audit: 'run', id: request.id, who, function: name, at: startedAt.toISOString() }
      request.log.info(audit, 'run asked for')
      const runs = await runner.run(health).catch((error: unknown) => {
        request.log.warn({ ...audit, err: error }, 'run failed')
        throw error
      })
      await takeIn(store, runs, clock)
      request.log.info({ ...audit, probes: runs.length, failed: countFailed(runs) }, 'run ended')
      return { function: name, startedAt: audit.at, runs: runs.map(({ reports: _, ...run }) => run) }
    },
  )
}

function countFailed(runs: readonly ProbeRun[]): number {
  return runs.filter(({ error, results }) => error !== null || results.some((one) => !one.asExpected)).length
}

/** By the lines that the log will hold, so that both ways read, refuse and count alike. */
async function takeIn(store: Store, runs: readonly ProbeRun[], clock: () => Date): Promise<void> {
  const lines = runs.flatMap(({ reports }) => (reports ?? []).map((report) => JSON.stringify(report)))
  if (lines.length === 0) return
  await store.ingest({ source: SOURCE, receivedAt: clock(), ...sortLines(lines) })
}

/** Asks two counters, of the one function and of all; each server counts by itself. */
async function limiter(
  app: FastifyInstance,
  limits: RunLimits,
): Promise<(request: FastifyRequest, name: string) => Promise<void>> {
  // The server itself limits requests only where there are tokens.
  if (!app.hasDecorator('createRateLimit')) await app.register(rateLimit, { global: false })
  const every = { timeWindow: 60_000, allowList: () => false }
  const ofOne = app.createRateLimit({
    ...every,
    max: limits.perFunctionPerMinute,
    keyGenerator: ({ params }) => `run ${JSON.stringify(params)}`,
  })
  const ofAll = app.createRateLimit({ ...every, max: limits.perMinute, keyGenerator: () => 'runs' })
  return async (request, name) => {
    for (const [ask, what] of [
      [ofOne, `"${name}"`],
      [ofAll, 'all functions together'],
    ] as const) {
      const answer = await ask(request)
      if (answer.isAllowed || !answer.isExceeded) continue
      throw new ApiError('too_many_requests', `${what} may be run ${answer.max} times a minute`, {
        retryAfter: Math.max(1, answer.ttlInSeconds),
      })
    }
  }
}
