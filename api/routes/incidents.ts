import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { namesIn } from '../network/map/name-ids.js'
import { type NetworkState, namesNow } from '../network-state.js'
import type { Store } from '../store/store.js'
import { Names } from './diagnosis-schemas.js'
import { toRange } from './instants.js'
import { commonProblems, Incident, MAX_NAME, Nullable, pageQuery, query, rangeQuery, ref } from './schemas.js'

/** `GET /v1/incidents`: stretches of time in which a check was not as expected, newest first. */
export const incidentsRoutes: FastifyPluginAsyncTypebox<{
  readonly store: Store
  readonly network: Pick<NetworkState, 'current'>
}> = async (app, { store, network }) => {
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
        response: {
          200: Type.Object({ items: Type.Array(ref(Incident)), nextCursor: Nullable.String(), names: Names }),
          ...commonProblems,
        },
      },
    },
    async ({ query: { limit = 50, from, to, ...filters } }) => {
      const range = toRange({ ...(from ? { from } : {}), ...(to ? { to } : {}) })
      const page = await store.listIncidents({ limit, ...filters, ...range })
      return {
        ...page,
        items: [...page.items],
        names: namesIn(page.items, namesNow(network)),
      }
    },
  )
}
