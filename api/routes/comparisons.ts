import { setImmediate as nextTurn } from 'node:timers/promises'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { applyChanges } from '../diagnosis/apply.js'
import { readChanges } from '../diagnosis/change-schema.js'
import { type ComparedStandpoint, diffStandpoints, type PathSummary } from '../network/diff.js'
import { buildModel } from '../network/model.js'
import { type Networks, networkOf } from './asked.js'
import { changesBody, refusing } from './rehearsals.js'
import { bodyProblems, commonProblems, Nullable, noSnapshotKept, notFound } from './schemas.js'
import { snapshotBody } from './trace-schemas.js'

/** Places that one answer compares. A place has some sixty paths, so this is a second or two at the most. */
const MOST_PLACES = 200
const MOST_CHANGES = 500
const MOST_NAMES = 100

const Side = Type.Unsafe<PathSummary | null>(
  Type.Union([
    Type.Object({
      verdict: Type.Enum(['reachable', 'unreachable', 'unknown']),
      blockers: Type.Array(
        Type.Object({ code: Type.String(), component: Type.String(), direction: Type.String() }),
      ),
      via: Type.Array(Type.String()),
      seenAs: Nullable.String(),
      subnets: Type.Array(Type.Object({ subnet: Nullable.String(), verdict: Type.String() })),
    }),
    Type.Null(),
  ]),
)

/** `POST /v1/comparisons`: whose paths some changes would change. Nothing is changed anywhere. */
export const comparisonsRoutes: FastifyPluginAsyncTypebox<{ readonly networks: Networks }> = async (
  app,
  { networks },
) => {
  app.post(
    '/v1/comparisons',
    {
      config: { access: 'read' },
      schema: {
        summary: 'Which paths of which functions some changes would change',
        description:
          'For every function the paths to the databases in its VPC, to the internet, to DynamoDB, S3 and each service with an ' +
          'endpoint there, before and after. Functions that share subnets, security groups and role are one entry.',
        tags: ['network'],
        body: Type.Object({ ...snapshotBody, ...changesBody }, { additionalProperties: false }),
        response: {
          200: Type.Object({
            functions: Type.Integer({ description: 'Functions compared.' }),
            paths: Type.Integer({ description: 'Paths traced twice.' }),
            changes: Type.Array(
              Type.Object({
                functions: Type.Object({ count: Type.Integer(), names: Type.Array(Type.String()) }),
                to: Type.String(),
                changed: Type.Array(Type.String()),
                before: Side,
                after: Side,
              }),
            ),
            omitted: Type.Object({
              functions: Type.Integer({ description: 'Functions that were not compared.' }),
              changes: Type.Integer(),
            }),
          }),
          ...commonProblems,
          ...bodyProblems,
          ...noSnapshotKept,
          ...notFound,
        },
      },
    },
    async ({ body }) => {
      const { snapshot, model } = await networkOf(body, networks)
      const changes = refusing(() => readChanges(body.changes))
      const after = refusing(() => buildModel(applyChanges(snapshot, changes)).model)
      const compared: ComparedStandpoint[] = []
      let omittedFunctions = 0
      for (const place of diffStandpoints(model, after)) {
        if (compared.length < MOST_PLACES) compared.push(place)
        else omittedFunctions += place.functions.length
        await nextTurn()
      }
      const all = compared.flatMap(({ functions, changes }) =>
        changes.map((change) => ({
          ...change,
          changed: [...change.changed],
          functions: { count: functions.length, names: functions.slice(0, MOST_NAMES) },
        })),
      )
      return {
        functions: compared.reduce((sum, { functions }) => sum + functions.length, 0),
        paths: compared.reduce((sum, { paths }) => sum + paths, 0),
        changes: all.slice(0, MOST_CHANGES),
        omitted: { functions: omittedFunctions, changes: Math.max(all.length - MOST_CHANGES, 0) },
      }
    },
  )
}
