import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import type { Store } from '../store/store.js'
import { commonProblems, FUNCTION_STATUSES, Nullable } from './schemas.js'

export interface TotalsOptions {
  readonly store: Store
  readonly clock: () => Date
}

/** Events among which the newest report is looked for. */
const NEWEST_EVENTS = 200

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
              description:
                'When the newest of the reports that came in last began; null if none came of late.',
            }),
          }),
          ...commonProblems,
        },
      },
    },
    async () => {
      const { functions, openIncidents, rejects } = await store.counts(clock())
      return { functions, openIncidents, rejects, lastReportAt: await newestReport(store) }
    },
  )
}

async function newestReport(store: Store): Promise<string | null> {
  const from = Math.max(0, (await store.lastEventSeq()) - NEWEST_EVENTS)
  const reports = (await store.eventsAfter(from, NEWEST_EVENTS)).filter(({ type }) => type === 'report')
  const times = reports.flatMap(({ data }) =>
    typeof data === 'object' && data !== null && 'lastAt' in data && typeof data.lastAt === 'string'
      ? [data.lastAt]
      : [],
  )
  return times.sort().at(-1) ?? null
}
