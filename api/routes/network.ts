import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { ApiError } from '../errors.js'
import { pathEnds } from '../network/map/ends.js'
import { networkOverview, vpcMap } from '../network/map/map.js'
import { ruleSet } from '../network/map/rules.js'
import { type Networks, networkOf } from './asked.js'
import { OverviewRef, PathEndsRef, RuleSetRef, VpcMapRef } from './network-schemas.js'
import { commonProblems, noSnapshotKept, problemResponse, query } from './schemas.js'

const ofSnapshot = {
  snapshot: Type.Optional(
    Type.String({ maxLength: 64, description: 'Id of a kept version or of a draft. Default: the newest.' }),
  ),
}
const problems = {
  ...commonProblems,
  404: problemResponse('The snapshot has no such thing, or there is no such snapshot.'),
  ...noSnapshotKept,
}
const read = { config: { access: 'read' } } as const
const IdParams = Type.Object({ id: Type.String({ minLength: 1, maxLength: 256 }) })

/** What the newest snapshot, or another one, holds: its VPCs, each VPC as a picture, the rules of a component. */
export const networkRoutes: FastifyPluginAsyncTypebox<{ readonly networks: Networks }> = async (
  app,
  { networks },
) => {
  app.get(
    '/v1/network',
    {
      ...read,
      schema: {
        summary: 'The VPCs of a snapshot, and what joins them',
        tags: ['network'],
        querystring: query(ofSnapshot),
        response: { 200: OverviewRef, ...problems },
      },
    },
    async ({ query: asked }) => {
      const { version, model, names } = await networkOf(asked, networks)
      return {
        snapshot: version.id,
        takenAt: version.takenAt,
        ...networkOverview(model, names()),
      }
    },
  )

  app.get(
    '/v1/network/vpcs/:id',
    {
      ...read,
      schema: {
        summary: 'One VPC: subnets by zone and kind, ways out, functions and databases',
        tags: ['network'],
        params: IdParams,
        querystring: query(ofSnapshot),
        response: { 200: VpcMapRef, ...problems },
      },
    },
    async ({ params: { id }, query: asked }) => {
      const { model, names } = await networkOf(asked, networks)
      const found = vpcMap(model, names(), id)
      if (found === null) throw new ApiError('not_found', `the snapshot has no VPC "${id}"`)
      return found
    },
  )

  app.get(
    '/v1/network/rules/:id',
    {
      ...read,
      schema: {
        summary: 'The rules of a security group, network ACL or route table',
        description: 'In the terms in which a change names them: see `POST /v1/rehearsals`.',
        tags: ['network'],
        params: IdParams,
        querystring: query(ofSnapshot),
        response: { 200: RuleSetRef, ...problems },
      },
    },
    async ({ params: { id }, query: asked }) => {
      const { model } = await networkOf(asked, networks)
      const found = ruleSet(model, id)
      if (found === null) {
        throw new ApiError(
          'not_found',
          `the snapshot has no security group, network ACL or route table "${id}"`,
        )
      }
      return found
    },
  )

  app.get(
    '/v1/network/ends',
    {
      ...read,
      schema: {
        summary: 'What a path can begin or end at',
        tags: ['network'],
        querystring: query({
          ...ofSnapshot,
          side: Type.Enum(['from', 'to']),
          text: Type.Optional(Type.String({ maxLength: 512, description: 'Part of it, any case.' })),
          limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100, default: 20 })),
        }),
        response: { 200: PathEndsRef, ...problems },
      },
    },
    async ({ query: { side, text = '', limit = 20, ...asked } }) => {
      const { model } = await networkOf(asked, networks)
      return pathEnds(model, side, text, limit)
    },
  )
}
