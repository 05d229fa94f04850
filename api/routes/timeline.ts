import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { ApiError } from '../errors.js'
import type { Retention, Step, Store } from '../store/store.js'
import { functionNamed } from './function-named.js'
import { toRange } from './instants.js'
import {
  commonProblems,
  MAX_NAME,
  NameParams,
  notFound,
  query,
  rangeQuery,
  ref,
  Timeline,
} from './schemas.js'

export interface TimelineOptions {
  readonly store: Store
  readonly clock: () => Date
  readonly retention: Retention
}

export const MAX_BUCKETS = 2000
const AUTO_BUCKETS = 500
const DAY_MS = 86_400_000
const STEP_MS: Readonly<Record<Step, number>> = { minute: 60_000, hour: 3_600_000, day: DAY_MS }
const STEPS: readonly Step[] = ['minute', 'hour', 'day']

/** `GET /v1/functions/{name}/timeline`: counts by outcome and latency, by bucket. */
export const timelineRoutes: FastifyPluginAsyncTypebox<TimelineOptions> = async (app, options) => {
  const { store, clock, retention } = options
  app.get(
    '/v1/functions/:name/timeline',
    {
      config: { access: 'read' },
      schema: {
        summary: "A function's history in buckets",
        description:
          `At most ${MAX_BUCKETS} buckets. Without \`from\`, the last 24 hours. Without \`step\`, the finest one that ` +
          `makes at most ${AUTO_BUCKETS} buckets and is still kept for that time.`,
        tags: ['functions'],
        params: NameParams,
        querystring: query({
          ...rangeQuery,
          step: Type.Optional(Type.Enum(['auto', 'minute', 'hour', 'day'], { default: 'auto' })),
          check: Type.Optional(Type.String({ minLength: 1, maxLength: MAX_NAME })),
          subnet: Type.Optional(Type.String({ minLength: 1, maxLength: MAX_NAME })),
        }),
        response: { 200: ref(Timeline), ...commonProblems, ...notFound },
      },
    },
    async ({ params: { name }, query: { from, to, step = 'auto', ...filters } }) => {
      const now = clock()
      const asked = toRange({ ...(from ? { from } : {}), ...(to ? { to } : {}) })
      const end = asked.to ?? new Date(Math.max(now.getTime(), asked.from ? asked.from.getTime() + 1 : 0))
      const start = asked.from ?? new Date(end.getTime() - DAY_MS)
      const chosen = step === 'auto' ? autoStep(start, end, now, retention) : step
      const buckets = Math.ceil((end.getTime() - start.getTime()) / STEP_MS[chosen])
      if (buckets > MAX_BUCKETS) {
        const detail = `from ${start.toISOString()} to ${end.toISOString()} by ${chosen} makes ${buckets} buckets; the limit is ${MAX_BUCKETS}`
        throw new ApiError('too_many_buckets', detail, {
          errors: [{ in: 'query', pointer: '/step', message: `makes more than ${MAX_BUCKETS} buckets` }],
        })
      }
      const timeline = await store.timeline({
        function: name,
        ...filters,
        from: start,
        to: end,
        step: chosen,
      })
      if (timeline.buckets.length === 0) await functionNamed(store, name, now)
      return { ...timeline, from: start.toISOString(), to: end.toISOString() }
    },
  )
}

/** The finest step that makes a readable number of buckets and whose rollups still reach back to `start`. */
export function autoStep(start: Date, end: Date, now: Date, retention: Retention): Step {
  const keptDays: Readonly<Record<Step, number>> = {
    minute: retention.minuteRollupsDays,
    hour: retention.hourRollupsDays,
    day: retention.dayRollupsDays,
  }
  const fits = (step: Step): boolean =>
    (end.getTime() - start.getTime()) / STEP_MS[step] <= AUTO_BUCKETS &&
    start.getTime() >= now.getTime() - keptDays[step] * DAY_MS
  return STEPS.find(fits) ?? 'day'
}
