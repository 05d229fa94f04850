import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { ApiError } from '../errors.js'
import { buildModel } from '../network/model.js'
import type { NetworkState } from '../network-state.js'
import { snapshotFromDocuments } from '../snapshot/documents.js'
import { invalidFiles } from './asked.js'
import { bodyProblems, commonProblems, Nullable } from './schemas.js'

export interface SnapshotsOptions {
  readonly network: NetworkState
  readonly clock: () => Date
}

const Version = Type.Object({
  id: Type.String(),
  takenAt: Type.String({ description: 'When AWS was asked. ISO 8601, UTC.' }),
  documents: Type.Integer({ description: 'Answers in it.' }),
  missing: Type.Integer({
    description: 'Calls that were denied or failed: what they would tell is unknown.',
  }),
})

/** The kept versions of the VPC's configuration: list, add, or ask AWS again. */
export const snapshotsRoutes: FastifyPluginAsyncTypebox<SnapshotsOptions> = async (
  app,
  { network, clock },
) => {
  app.get(
    '/v1/snapshots',
    {
      config: { access: 'read' },
      schema: {
        summary: 'Kept versions of the configuration, newest first',
        tags: ['network'],
        response: {
          200: Type.Object({
            items: Type.Array(Version),
            current: Nullable.String({ description: 'Id of the one in use.' }),
          }),
          ...commonProblems,
        },
      },
    },
    async () => ({
      items: [...(await network.versions.list())].reverse(),
      current: network.current()?.version.id ?? null,
    }),
  )

  app.post(
    '/v1/snapshots',
    {
      config: { access: 'ingest' },
      schema: {
        summary: 'Add a snapshot, or take a new one from AWS',
        description:
          'With `files` the snapshot comes with the request; with `refresh` Sonde asks AWS, where `inventory` is configured. ' +
          'The same answers again make no new version (200 instead of 201).',
        tags: ['network'],
        body: Type.Object(
          {
            files: Type.Optional(
              Type.Record(Type.String({ maxLength: 512 }), Type.Unknown(), {
                description: 'File names of a snapshot folder (`describe-vpcs.json`) and their JSON.',
              }),
            ),
            refresh: Type.Optional(Type.Literal(true)),
          },
          { additionalProperties: false },
        ),
        response: { 200: Version, 201: Version, ...commonProblems, ...bodyProblems },
      },
    },
    async ({ body }, reply) => {
      if ((body.files === undefined) === (body.refresh === undefined)) {
        throw new ApiError('invalid_request', 'send either `files` or `refresh`')
      }
      const added =
        body.files === undefined
          ? await refreshed(network)
          : await network.add(readFiles(body.files), clock())
      return reply.code(added.isNew ? 201 : 200).send({ ...added.version })
    },
  )
}

function readFiles(files: Readonly<Record<string, unknown>>) {
  const { snapshot, problems } = snapshotFromDocuments({ files })
  if (problems.length > 0) throw invalidFiles(problems)
  const content = buildModel(snapshot).problems
  if (content.length > 0) throw invalidFiles(content)
  return snapshot
}

function refreshed(network: NetworkState) {
  if (!network.refresh) {
    throw new ApiError(
      'invalid_request',
      'no AWS account is connected: name regions under `inventory` in the configuration',
    )
  }
  return network.refresh()
}
