import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { type Static, Type } from 'typebox'
import { namesIn } from '../network/map/name-ids.js'
import type { Trace as TraceValue } from '../network/path.js'
import { trace } from '../network/trace.js'
import { type Networks, named, networkOf, questionIn } from './asked.js'
import { Names } from './diagnosis-schemas.js'
import { bodyProblems, commonProblems, noSnapshotKept, notFound } from './schemas.js'
import { questionBody, Trace } from './trace-schemas.js'

const TraceAnswer = Type.Unsafe<TraceValue & { readonly names: Static<typeof Names> }>(
  Type.Object({ ...Trace.properties, names: Names }),
)

/** `POST /v1/trace`: one path through a kept snapshot, or through one that comes with the request and is not kept. */
export const traceRoutes: FastifyPluginAsyncTypebox<{ readonly networks: Networks }> = async (
  app,
  { networks },
) => {
  app.post(
    '/v1/trace',
    {
      config: { access: 'read' },
      schema: {
        summary: 'Trace a path through the configuration',
        tags: ['network'],
        body: Type.Object(questionBody, { additionalProperties: false }),
        response: { 200: TraceAnswer, ...commonProblems, ...bodyProblems, ...notFound, ...noSnapshotKept },
      },
    },
    async ({ body }) => {
      const question = questionIn(body)
      const { model, names } = await networkOf(body, networks)
      const found = named(() => trace(model, question.source, question.destination, question.flow))
      return { ...found, names: namesIn(found, names()) }
    },
  )
}
