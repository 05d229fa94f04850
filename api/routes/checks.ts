import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import type { Store } from '../store/store.js'
import {
  CHECK_STATUSES,
  commonProblems,
  FunctionCheck,
  MAX_NAME,
  pageOf,
  pageQuery,
  query,
  ref,
} from './schemas.js'

export interface ChecksOptions {
  readonly store: Store
  readonly clock: () => Date
}

/** `GET /v1/checks`: the newest state of every check of every function. */
export const checksRoutes: FastifyPluginAsyncTypebox<ChecksOptions> = async (app, { store, clock }) => {
  app.get(
    '/v1/checks',
    {
      config: { access: 'read' },
      schema: {
        summary: 'Checks and their status, across functions',
        tags: ['checks'],
        querystring: query({
          ...pageQuery,
          function: Type.Optional(Type.String({ minLength: 1, maxLength: MAX_NAME })),
          status: Type.Optional(Type.Enum([...CHECK_STATUSES])),
          text: Type.Optional(
            Type.String({ minLength: 1, maxLength: MAX_NAME, description: 'Part of the name, any case.' }),
          ),
        }),
        response: { 200: pageOf(ref(FunctionCheck)), ...commonProblems },
      },
    },
    async ({ query: { limit = 50, ...filters } }) => store.listChecks({ now: clock(), limit, ...filters }),
  )
}
