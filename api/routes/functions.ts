import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { type Static, Type } from 'typebox'
import type { FunctionHealth as HealthValue } from '../health/health.js'
import { namesIn } from '../network/map/name-ids.js'
import { type NetworkState, namesNow } from '../network-state.js'
import type { Store } from '../store/store.js'
import { Names } from './diagnosis-schemas.js'
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
  readonly network: NetworkState
}

const read = { config: { access: 'read' } } as const

/** The functions and their present state. */
export const functionsRoutes: FastifyPluginAsyncTypebox<FunctionsOptions> = async (
  app,
  { store, clock, network },
) => {
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
        response: {
          200: Type.Unsafe<HealthValue & { readonly names: Static<typeof Names> }>(
            Type.Object({ ...FunctionHealth.properties, names: Names }),
          ),
          ...commonProblems,
          ...notFound,
        },
      },
    },
    async ({ params: { name } }) => {
      const found = await functionNamed(store, name, clock())
      return { ...found, names: namesIn(found, namesNow(network)) }
    },
  )
}
