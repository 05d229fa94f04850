import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { type Static, Type } from 'typebox'
import type { Diagnoser } from '../diagnoser.js'
import { weakTag } from '../etag.js'
import type { CheckHealth, FunctionHealth, FunctionStatus } from '../health/health.js'
import { severity } from '../health/severity.js'
import type { Text } from '../network/path.js'
import { JSON_SECURITY_HEADERS } from '../security-headers.js'
import type { WatchedStore } from '../watched-store.js'
import { functionNamed } from './function-named.js'
import {
  commonProblems,
  FunctionVerdict,
  NameParams,
  notFound,
  problemResponse,
  query,
  serialized,
} from './schemas.js'

export interface HealthOptions {
  readonly store: WatchedStore
  readonly clock: () => Date
  readonly diagnoser: Pick<Diagnoser, 'sentence'>
  /** How long an answer may be repeated if nothing is taken in; see `VERDICT_MAX_AGE_MS`. */
  readonly maxAgeMs?: number
}

/**
 * Time alone turns a function stale, and another process may write to the same database: neither changes the store's
 * generation here, so a kept answer is good for this long. Staleness is at least three seconds, so this can't hide it.
 */
export const VERDICT_MAX_AGE_MS = 500

/** How long health waits for a diagnosis that isn't there yet; the next answer has it. */
const DIAGNOSIS_WAIT_MS = 150

const HEADERS = {
  ...JSON_SECURITY_HEADERS,
  'content-type': 'application/json; charset=utf-8',
  'cache-control': 'no-cache',
}

/** Far more than functions that anyone polls; past it the cache starts anew. */
const MAX_KEPT = 20_000

interface Kept {
  readonly generation: number
  readonly at: number
  readonly status: FunctionStatus
  /** Encoded once: Korean in a string would be encoded anew for every answer. */
  readonly body: Buffer
  readonly headers: Readonly<Record<string, string>>
}

/** `GET /v1/functions/{name}/health`: one function as a status code. */
export const healthRoutes: FastifyPluginAsyncTypebox<HealthOptions> = async (app, options) => {
  const { store, clock, diagnoser, maxAgeMs = VERDICT_MAX_AGE_MS } = options
  const kept = new Map<string, Kept>()

  const pending = new Map<string, Promise<Kept>>()

  const stillGood = (name: string, now: number): Kept | null => {
    const before = kept.get(name)
    if (!before || before.generation !== store.generation()) return null
    const age = now - before.at
    return age >= 0 && age < maxAgeMs ? before : null
  }

  const read = async (name: string, now: Date): Promise<Kept> => {
    // Taken before the read: a change in the meantime makes the kept answer void at once.
    const generation = store.generation()
    const found = await functionNamed(store, name, now)
    // A single failure that flips nothing is no matter of a healthy function.
    const sentence = found.status === 'healthy' ? null : await soon(diagnoser.sentence(found))
    const text = JSON.stringify(toVerdict(found, sentence))
    const fresh = {
      generation,
      at: now.getTime(),
      status: found.status,
      body: Buffer.from(text),
      headers: { ...HEADERS, etag: weakTag(text) },
    }
    if (kept.size >= MAX_KEPT) kept.clear()
    kept.set(name, fresh)
    return fresh
  }

  /** Callers that come while one reads share its answer, unless something was taken in since it began. */
  const verdict = async (name: string, now: Date): Promise<Kept> => {
    const key = `${store.generation()} ${name}`
    const under = pending.get(key)
    if (under) return under
    const reading = read(name, now).finally(() => pending.delete(key))
    pending.set(key, reading)
    return reading
  }

  app.get(
    '/v1/functions/:name/health',
    {
      // A page's dozen headers would cost more than the answer.
      config: { access: 'read', ownSecurityHeaders: true },
      compress: false,
      schema: {
        summary: 'One function as a status code',
        description:
          '200 while `healthy`; 503 while `failing`. `degraded` is 200, or 503 with `?degraded=fail`. ' +
          '`stale` and `unknown` are 503: without reports nobody knows that it works.',
        tags: ['functions'],
        params: NameParams,
        querystring: query({
          degraded: Type.Optional(
            Type.Enum(['ok', 'fail'], { default: 'ok', description: 'What `degraded` counts as.' }),
          ),
        }),
        response: {
          ...commonProblems,
          200: {
            description: 'Healthy, or degraded.',
            content: { 'application/json': { schema: serialized(FunctionVerdict) } },
          },
          503: {
            description: 'Failing, stale or unknown; or, as a problem document, the API is overloaded.',
            content: {
              'application/json': { schema: serialized(FunctionVerdict) },
              ...problemResponse('').content,
            },
          },
          ...notFound,
        },
      },
    },
    ({ params: { name }, query: { degraded } }, reply): Promise<Buffer> | undefined => {
      const bodyOf = ({ status, body, headers }: Kept): Buffer => {
        const good = status === 'healthy' || (status === 'degraded' && degraded !== 'fail')
        reply.code(good ? 200 : 503).headers(headers)
        return body
      }
      const now = clock()
      const known = stillGood(name, now.getTime())
      if (known === null) return verdict(name, now).then(bodyOf)
      // No promise where the answer is known: that alone would be a tenth of its time.
      reply.send(bodyOf(known))
      return undefined
    },
  )
}

/** What is known within a moment: a balancer that asks for health can't wait for fixes to be rehearsed. */
async function soon(sentence: Promise<Text | null>): Promise<Text | null> {
  let timer: NodeJS.Timeout | undefined
  const moment = new Promise<null>((resolve) => {
    timer = setTimeout(resolve, DIAGNOSIS_WAIT_MS, null)
  })
  try {
    return await Promise.race([sentence.catch(() => null), moment])
  } finally {
    clearTimeout(timer)
  }
}

function toVerdict(found: FunctionHealth, diagnosis: Text | null): Static<typeof FunctionVerdict> {
  return {
    name: found.name,
    status: found.status,
    why: found.summary,
    text: found.text,
    diagnosis,
    since: found.since,
    lastReportAt: found.lastReportAt,
    failing: found.checks.filter(isBad).map(({ name }) => name),
  }
}

/** What makes the function other than healthy, also before a flip; of a check that fell silent its last word counts. */
function isBad(check: CheckHealth): boolean {
  if (check.status === 'stale') return check.standpoints.some(({ asExpected }) => !asExpected)
  return severity(check) !== 'healthy'
}
