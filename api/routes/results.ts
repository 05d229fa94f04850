import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import type { Store } from '../store/store.js'
import { functionNamed } from './function-named.js'
import { toRange } from './instants.js'
import {
  commonProblems,
  MAX_NAME,
  NameParams,
  notFound,
  pageOf,
  pageQuery,
  query,
  rangeQuery,
  ref,
  StoredResult,
} from './schemas.js'

export interface ResultsOptions {
  readonly store: Store
  readonly clock: () => Date
}

/** `GET /v1/functions/{name}/results`: single results, newest first. */
export const resultsRoutes: FastifyPluginAsyncTypebox<ResultsOptions> = async (app, { store, clock }) => {
  app.get(
    '/v1/functions/:name/results',
    {
      config: { access: 'read' },
      schema: {
        summary: "A function's results, newest first",
        tags: ['functions'],
        params: NameParams,
        querystring: query({
          ...pageQuery,
          ...rangeQuery,
          check: Type.Optional(Type.String({ minLength: 1, maxLength: MAX_NAME })),
          outcome: Type.Optional(Type.String({ minLength: 1, maxLength: 64 })),
          subnet: Type.Optional(Type.String({ minLength: 1, maxLength: MAX_NAME })),
          asExpected: Type.Optional(Type.Boolean()),
        }),
        response: { 200: pageOf(ref(StoredResult)), ...commonProblems, ...notFound },
      },
    },
    async ({ params: { name }, query: { limit = 50, from, to, ...filters } }) => {
      const range = toRange({ ...(from ? { from } : {}), ...(to ? { to } : {}) })
      const page = await store.listResults({ function: name, limit, ...filters, ...range })
      // Nothing of a function that is there, or no such function.
      if (page.items.length === 0) await functionNamed(store, name, clock())
      return page
    },
  )
}
