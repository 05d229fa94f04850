import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import type { Collection } from '../inventory.js'
import { commonProblems, Nullable } from './schemas.js'

/** `GET /v1/inventory`: which accounts and regions are collected, and which of them can't be. */
export const inventoryRoutes: FastifyPluginAsyncTypebox<{
  readonly inventory: Pick<Collection, 'status'> | null
}> = async (app, { inventory }) => {
  app.get(
    '/v1/inventory',
    {
      config: { access: 'read' },
      schema: {
        summary: 'The accounts and regions that are collected, and how that stands',
        description:
          'One that fails holds up no other: what it told last stands in for it. Empty where no account is connected.',
        tags: ['operation'],
        response: {
          200: Type.Object({
            places: Type.Array(
              Type.Object({
                account: Nullable.String({ description: 'Null for the account of Sonde’s own credentials.' }),
                region: Type.String(),
                ok: Type.Boolean({ description: 'Whether the last try succeeded.' }),
                lastTriedAt: Nullable.String(),
                lastOkAt: Nullable.String(),
                error: Nullable.String({ description: 'Why the last try failed.' }),
              }),
            ),
          }),
          ...commonProblems,
        },
      },
    },
    async () => ({
      places: (inventory?.status() ?? []).map((place) => ({
        ...place,
        ok: place.lastTriedAt !== null && place.error === null,
      })),
    }),
  )
}
