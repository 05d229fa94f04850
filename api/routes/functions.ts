import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import type { Store } from '../store/store.js'
import { functionNamed } from './function-named.js'
import {
  commonProblems,
  FUNCTION_STATUSES,
  FunctionHealth,
  MAX_NAME,
  NameParams,
  notFound,
  pageOf,
  pageQuery,
  query,
  ref,
} from './schemas.js'

export interface FunctionsOptions {
  readonly store: Store
  readonly clock: () => Date
}

const read = { config: { access: 'read' } } as const

/** The functions and their present state. */
export const functionsRoutes: FastifyPluginAsyncTypebox<FunctionsOptions> = async (app, { store, clock }) => {
  app.get(
    '/v1/functions',
    {
      ...read,
      schema: {
        summary: 'Functions and their status',
        tags: ['functions'],
        querystring: query({
          ...pageQuery,
          status: Type.Optional(Type.Enum([...FUNCTION_STATUSES])),
          posture: Type.Optional(Type.String({ minLength: 1, maxLength: 128 })),
          text: Type.Optional(
            Type.String({ minLength: 1, maxLength: MAX_NAME, description: 'Part of the name, any case.' }),
          ),
          vanished: Type.Optional(
            Type.Boolean({
              description: 'Those that discovery no longer finds, instead of those that are there.',
            }),
          ),
        }),
        response: { 200: pageOf(ref(FunctionHealth)), ...commonProblems },
      },
    },
    async ({ query: { limit = 50, ...filters } }) => store.listFunctions({ now: clock(), limit, ...filters }),
  )

  app.get(
    '/v1/functions/:name',
    {
      ...read,
      schema: {
        summary: 'One function',
        tags: ['functions'],
        params: NameParams,
        response: { 200: ref(FunctionHealth), ...commonProblems, ...notFound },
      },
    },
    async ({ params: { name } }) => functionNamed(store, name, clock()),
  )
}
