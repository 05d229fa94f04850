import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { Store } from '../store/store.js'
import { commonProblems, Posture, pageOf, pageQuery, query, ref } from './schemas.js'

/** `GET /v1/postures`: the network standpoints, who shares them and which probes stand there. */
export const posturesRoutes: FastifyPluginAsyncTypebox<{ readonly store: Store }> = async (
  app,
  { store },
) => {
  app.get(
    '/v1/postures',
    {
      config: { access: 'read' },
      schema: {
        summary: 'Network standpoints and their probes',
        tags: ['postures'],
        querystring: query(pageQuery),
        response: { 200: pageOf(ref(Posture)), ...commonProblems },
      },
    },
    async ({ query: { limit = 50, ...page } }) => store.listPostures({ limit, ...page }),
  )
}
