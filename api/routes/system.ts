import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { ApiError } from '../errors.js'
import { PROBLEMS } from '../problems.js'
import type { Sample } from '../sample/index.js'
import type { Store } from '../store/store.js'
import { commonProblems, Nullable, problemResponse } from './schemas.js'

export interface SystemOptions {
  readonly store: Store
  readonly version: string
  readonly sample: Sample | null
  /** Whether probes can be run on demand. */
  readonly runs: boolean
  /** Whether an answer can last here. */
  readonly streams: boolean
  readonly closing: () => boolean
}

const Ok = Type.Object({ status: Type.Literal('ok') })

/** Whether the process lives, whether it can serve, what it is, and what its problems mean. */
export const systemRoutes: FastifyPluginAsyncTypebox<SystemOptions> = async (app, options) => {
  app.get(
    '/livez',
    {
      config: { access: 'public' },
      schema: { summary: 'The process answers', tags: ['operation'], response: { 200: Ok } },
    },
    async () => ({ status: 'ok' as const }),
  )

  app.get(
    '/readyz',
    {
      config: { access: 'public' },
      schema: {
        summary: 'The store answers',
        tags: ['operation'],
        response: {
          200: Ok,
          503: problemResponse('The store does not answer, or the server is shutting down.'),
        },
      },
    },
    async () => {
      if (options.closing()) throw new ApiError('not_ready', 'the server is shutting down')
      try {
        await options.store.ping()
      } catch (cause) {
        throw new ApiError('not_ready', 'the store does not answer', { cause, retryAfter: 5 })
      }
      return { status: 'ok' as const }
    },
  )

  app.get(
    '/v1/about',
    {
      config: { access: 'read' },
      schema: {
        summary: 'What serves here',
        tags: ['operation'],
        response: {
          200: Type.Object({
            version: Type.String(),
            engine: Type.String({ description: 'The store.' }),
            sample: Type.Union(
              [
                Type.Object({
                  kind: Type.Enum(['lab', 'recording']),
                  recordedAt: Nullable.String({ description: 'ISO 8601; null for the lab.' }),
                }),
                Type.Null(),
              ],
              {
                description:
                  'What is shown is the sample, live or recorded; null where it is an account of yours.',
              },
            ),
            runs: Type.Boolean({ description: 'Whether probes can be run on demand.' }),
            streams: Type.Boolean({ description: 'Whether `GET /v1/events` lasts; where not, ask again.' }),
          }),
          ...commonProblems,
        },
      },
    },
    async () => ({
      version: options.version,
      engine: options.store.engine,
      sample: options.sample && { kind: options.sample.kind, recordedAt: options.sample.recordedAt },
      runs: options.runs,
      streams: options.streams,
    }),
  )

  const codes = Object.keys(PROBLEMS)
  app.get(
    '/problems/:code',
    {
      config: { access: 'public' },
      schema: {
        summary: 'What a problem means',
        description: `The \`type\` of problem documents. Codes: ${codes.join(', ')}.`,
        tags: ['operation'],
        params: Type.Object({ code: Type.String({ maxLength: 64 }) }),
        response: {
          200: Type.Object({
            code: Type.String(),
            status: Type.Integer(),
            title: Type.String(),
            about: Type.String(),
          }),
          404: problemResponse('There is no such code.'),
        },
      },
    },
    async ({ params: { code } }) => {
      const found = Object.entries(PROBLEMS).find(([known]) => known === code)
      if (!found) throw new ApiError('not_found', `there is no problem "${code}"`)
      return { code: found[0], ...found[1] }
    },
  )
}
