import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import type { Store } from '../store/store.js'
import { toRange } from './instants.js'
import { commonProblems, Incident, MAX_NAME, pageOf, pageQuery, query, rangeQuery, ref } from './schemas.js'

/** `GET /v1/incidents`: stretches of time in which a check was not as expected, newest first. */
export const incidentsRoutes: FastifyPluginAsyncTypebox<{ readonly store: Store }> = async (
  app,
  { store },
) => {
  app.get(
    '/v1/incidents',
    {
      config: { access: 'read' },
      schema: {
        summary: 'Incidents, newest first',
        tags: ['incidents'],
        querystring: query({
          ...pageQuery,
          ...rangeQuery,
          function: Type.Optional(Type.String({ minLength: 1, maxLength: MAX_NAME })),
          check: Type.Optional(Type.String({ minLength: 1, maxLength: MAX_NAME })),
          open: Type.Optional(
            Type.Boolean({ description: 'Only those that last, or only those that ended.' }),
          ),
        }),
        response: { 200: pageOf(ref(Incident)), ...commonProblems },
      },
    },
    async ({ query: { limit = 50, from, to, ...filters } }) => {
      const range = toRange({ ...(from ? { from } : {}), ...(to ? { to } : {}) })
      return store.listIncidents({ limit, ...filters, ...range })
    },
  )
}
