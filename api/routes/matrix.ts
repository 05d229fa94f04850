import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { invalidQuery } from '../errors.js'
import type { FunctionHealth, FunctionStatus } from '../health/health.js'
import { type MatrixRow, rowOf } from '../health/row.js'
import { type FunctionQuery, InvalidCursor, type Page, type Store } from '../store/store.js'
import {
  CHECK_STATUSES,
  commonProblems,
  FUNCTION_STATUSES,
  MAX_NAME,
  Nullable,
  pageOf,
  pageQuery,
  query,
} from './schemas.js'

export interface MatrixOptions {
  readonly store: Store
  readonly clock: () => Date
}

const MAX_NAMES = 100

/** What needs a look stands first. */
const URGENCY: readonly FunctionStatus[] = ['failing', 'degraded', 'stale', 'unknown', 'healthy']

const Name = Type.String({ minLength: 1, maxLength: MAX_NAME })

const Row = Type.Object({
  name: Type.String(),
  status: Type.Enum([...FUNCTION_STATUSES]),
  since: Nullable.String(),
  lastReportAt: Nullable.String(),
  cells: Type.Array(
    Type.Object({
      name: Type.String(),
      status: Type.Enum([...CHECK_STATUSES]),
      failed: Type.Integer({ description: 'Standpoints from which it fails now.' }),
      of: Type.Integer({ description: 'Standpoints that report it.' }),
      outcome: Nullable.String({ description: 'Of the first standpoint that fails.' }),
    }),
  ),
})

/** `GET /v1/matrix`: functions × checks, brief: pages to scroll through, and single rows to keep them fresh. */
export const matrixRoutes: FastifyPluginAsyncTypebox<MatrixOptions> = async (app, { store, clock }) => {
  app.get(
    '/v1/matrix',
    {
      config: { access: 'read' },
      schema: {
        summary: 'Functions and their checks as rows and cells',
        description:
          `What \`/v1/functions\` has, without standpoints. With \`name\` (repeatable, at most ${MAX_NAMES}) only those rows, ` +
          'without order or paging: what became of functions that the event stream has named.',
        tags: ['functions'],
        querystring: query({
          ...pageQuery,
          status: Type.Optional(Type.Enum([...FUNCTION_STATUSES])),
          text: Type.Optional(
            Type.String({ minLength: 1, maxLength: MAX_NAME, description: 'Part of the name, any case.' }),
          ),
          sort: Type.Optional(
            Type.Enum(['name', 'urgency'], {
              default: 'name',
              description: `By urgency: ${URGENCY.join(', ')}; by name within.`,
            }),
          ),
          name: Type.Optional(Type.Union([Name, Type.Array(Name, { minItems: 1, maxItems: MAX_NAMES })])),
        }),
        response: { 200: pageOf(Type.Unsafe<MatrixRow>(Row)), ...commonProblems },
      },
    },
    async ({ query: { limit = 50, name, sort, ...filters } }) => {
      const now = clock()
      if (name === undefined) {
        const asked = { now, limit, ...filters }
        const urgent = sort === 'urgency' && filters.status === undefined
        const page = urgent ? await byUrgency(store, asked) : await store.listFunctions(asked)
        return { items: page.items.map(rowOf), nextCursor: page.nextCursor }
      }
      const other = Object.keys(filters)[0]
      if (other !== undefined) throw invalidQuery(other, 'does not go with `name`')
      const names = typeof name === 'string' ? [name] : name
      const found = await Promise.all(names.map((one) => store.getFunction(one, now)))
      return { items: found.flatMap((health) => (health === null ? [] : [rowOf(health)])), nextCursor: null }
    },
  )
}

/** The pages of one status after the other, as one list; its cursor is the status' place and the store's own cursor there. */
async function byUrgency(store: Store, query: FunctionQuery): Promise<Page<FunctionHealth>> {
  const items: FunctionHealth[] = []
  let { place, inner } = readCursor(query.cursor)
  const { cursor: _, ...asked } = query
  for (;;) {
    const status = URGENCY[place]
    if (status === undefined) return { items, nextCursor: null }
    const room = query.limit - items.length
    if (room === 0) return { items, nextCursor: `${place}.${inner}` }
    const page = await store.listFunctions({
      ...asked,
      status,
      limit: room,
      ...(inner === '' ? {} : { cursor: inner }),
    })
    items.push(...page.items)
    inner = page.nextCursor ?? ''
    if (page.nextCursor === null) place += 1
  }
}

function readCursor(cursor: string | undefined): { place: number; inner: string } {
  if (cursor === undefined) return { place: 0, inner: '' }
  const [, place, inner = ''] = /^([0-4])\.(.*)$/.exec(cursor) ?? []
  if (place === undefined) throw new InvalidCursor('the cursor was not made by this list')
  return { place: Number(place), inner }
}
