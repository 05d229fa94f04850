import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import type { Store } from '../store/store.js'
import { commonProblems, FUNCTION_STATUSES, Nullable } from './schemas.js'

export interface TotalsOptions {
  readonly store: Store
  readonly clock: () => Date
}

/** `GET /v1/totals`: how many functions there are of each status, in place of a list of all of them. */
export const totalsRoutes: FastifyPluginAsyncTypebox<TotalsOptions> = async (app, { store, clock }) => {
  app.get(
    '/v1/totals',
    {
      config: { access: 'read' },
      schema: {
        summary: 'How many functions of each status, and how old the newest report is',
        tags: ['functions'],
        response: {
          200: Type.Object({
            functions: Type.Object(
              Object.fromEntries(FUNCTION_STATUSES.map((status) => [status, Type.Integer()])),
            ),
            openIncidents: Type.Integer(),
            rejects: Type.Integer({ description: 'Lines that could not be read, since the store was made.' }),
            lastReportAt: Nullable.String({
              description: 'When the newest report of all began; null if none has come yet.',
            }),
          }),
          ...commonProblems,
        },
      },
    },
    async () => {
      const { functions, openIncidents, rejects, lastReportAt } = await store.counts(clock())
      return { functions, openIncidents, rejects, lastReportAt }
    },
  )
}
