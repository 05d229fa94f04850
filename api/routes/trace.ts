import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { trace } from '../network/trace.js'
import { type Networks, named, networkOf, questionIn } from './asked.js'
import { bodyProblems, commonProblems, noSnapshotKept, notFound } from './schemas.js'
import { questionBody, TraceRef } from './trace-schemas.js'

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
        response: { 200: TraceRef, ...commonProblems, ...bodyProblems, ...notFound, ...noSnapshotKept },
      },
    },
    async ({ body }) => {
      const question = questionIn(body)
      const { model } = await networkOf(body, networks)
      return named(() => trace(model, question.source, question.destination, question.flow))
    },
  )
}
