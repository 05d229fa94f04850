import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { invalidQuery } from '../errors.js'
import { type MatrixRow, rowOf } from '../health/row.js'
import type { Store } from '../store/store.js'
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
          name: Type.Optional(Type.Union([Name, Type.Array(Name, { minItems: 1, maxItems: MAX_NAMES })])),
        }),
        response: { 200: pageOf(Type.Unsafe<MatrixRow>(Row)), ...commonProblems },
      },
    },
    async ({ query: { limit = 50, name, ...filters } }) => {
      const now = clock()
      if (name === undefined) {
        const page = await store.listFunctions({ now, limit, ...filters })
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
