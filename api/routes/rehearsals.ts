import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { ChangeError } from '../diagnosis/apply.js'
import { FixFileError, readChanges } from '../diagnosis/change-schema.js'
import { rehearse } from '../diagnosis/rehearse.js'
import { ApiError } from '../errors.js'
import { trace } from '../network/trace.js'
import { type Networks, named, networkOf, questionIn } from './asked.js'
import { bodyProblems, commonProblems, noSnapshotKept, notFound } from './schemas.js'
import { questionBody, TraceRef } from './trace-schemas.js'

/** The member of a body that holds changes. */
export const changesBody = {
  changes: Type.Array(Type.Unknown(), {
    minItems: 1,
    maxItems: 100,
    description: 'As in a fix: `{"kind":…}`.',
  }),
}

/** `POST /v1/rehearsals`: what a path would be with some changes applied. Nothing is changed anywhere. */
export const rehearsalsRoutes: FastifyPluginAsyncTypebox<{ readonly networks: Networks }> = async (
  app,
  { networks },
) => {
  app.post(
    '/v1/rehearsals',
    {
      config: { access: 'read' },
      schema: {
        summary: 'Trace a path before and after some changes',
        description:
          'The changes are those of a fix, or your own in the same form. They are applied to a copy of the snapshot only.',
        tags: ['network'],
        body: Type.Object(
          {
            ...questionBody,
            ...changesBody,
          },
          { additionalProperties: false },
        ),
        response: {
          200: Type.Object({ before: TraceRef, after: TraceRef }),
          ...commonProblems,
          ...bodyProblems,
          ...notFound,
          ...noSnapshotKept,
        },
      },
    },
    async ({ body }) => {
      const question = questionIn(body)
      const { snapshot, model } = await networkOf(body, networks)
      const changes = refusing(() => readChanges(body.changes))
      return refusing(() =>
        named(() => ({
          before: trace(model, question.source, question.destination, question.flow),
          after: rehearse(snapshot, changes, question).trace,
        })),
      )
    },
  )
}

/** Runs what may refuse changes, and turns that into an answer that names the one that is wrong. */
export function refusing<T>(work: () => T): T {
  try {
    return work()
  } catch (error) {
    if (error instanceof FixFileError) {
      throw new ApiError('invalid_request', error.message, {
        errors: error.problems.map(({ pointer, message }) => ({
          in: 'body',
          pointer: `/changes${pointer}`,
          message,
        })),
        cause: error,
      })
    }
    if (error instanceof ChangeError) {
      throw new ApiError('invalid_request', error.message, {
        errors: [{ in: 'body', pointer: '/changes', message: error.message }],
        cause: error,
      })
    }
    throw error
  }
}
