import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { Store } from '../store/store.js'
import { commonProblems, pageOf, pageQuery, query, Reject, ref } from './schemas.js'

/** `GET /v1/rejects`: reports that could not be read, newest first, with the reason. */
export const rejectsRoutes: FastifyPluginAsyncTypebox<{ readonly store: Store }> = async (app, { store }) => {
  app.get(
    '/v1/rejects',
    {
      config: { access: 'read' },
      schema: {
        summary: 'Reports that could not be read',
        tags: ['reports'],
        querystring: query(pageQuery),
        response: { 200: pageOf(ref(Reject)), ...commonProblems },
      },
    },
    async ({ query: { limit = 50, ...page } }) => store.listRejects({ limit, ...page }),
  )
}
