import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import type { Drafts } from '../drafts.js'
import { invalidFiles } from './asked.js'
import { bodyProblems, commonProblems } from './schemas.js'

/** Larger than other bodies may be: a snapshot of an account with some thousand network interfaces. */
const MAX_DRAFT_BYTES = 32 * 1024 * 1024
const MOST_PROBLEMS = 100

/** `POST /v1/snapshots/drafts`: try a snapshot without keeping it. */
export const draftsRoutes: FastifyPluginAsyncTypebox<{ readonly drafts: Drafts }> = async (
  app,
  { drafts },
) => {
  app.post(
    '/v1/snapshots/drafts',
    {
      bodyLimit: MAX_DRAFT_BYTES,
      config: { access: 'read' },
      schema: {
        summary: 'Try a snapshot without keeping it',
        description:
          'It is held in memory for an hour after its last use, never becomes the current configuration, and its id is taken ' +
          'wherever `snapshot` is asked for. What is wrong with its files is told, and the rest is used; 400 only where nothing can be. ' +
          'To keep a snapshot send it to `POST /v1/snapshots`.',
        tags: ['network'],
        body: Type.Object(
          {
            files: Type.Record(Type.String({ maxLength: 512 }), Type.String(), {
              minProperties: 1,
              maxProperties: 5000,
              description: 'Paths within a snapshot folder (`describe-vpcs.json`) and their text.',
            }),
          },
          { additionalProperties: false },
        ),
        response: {
          201: Type.Object({
            id: Type.String(),
            takenAt: Type.String(),
            documents: Type.Integer(),
            missing: Type.Integer(),
            problems: Type.Array(
              Type.Object({
                file: Type.String(),
                pointer: Type.String({ description: 'JSON pointer into the file.' }),
                message: Type.String(),
              }),
            ),
            problemsOmitted: Type.Integer(),
          }),
          ...commonProblems,
          ...bodyProblems,
        },
      },
    },
    async ({ body: { files } }, reply) => {
      const { network, problems } = drafts.add(files)
      if (network === null) {
        const nothing = {
          file: '',
          pointer: '',
          message:
            'no file in it is named after an AWS CLI command that Sonde reads, such as describe-vpcs.json',
        }
        throw invalidFiles(problems.length > 0 ? problems : [nothing])
      }
      return reply.code(201).send({
        ...network.version,
        problems: problems
          .slice(0, MOST_PROBLEMS)
          .map(({ file, pointer, message }) => ({ file, pointer, message })),
        problemsOmitted: Math.max(problems.length - MOST_PROBLEMS, 0),
      })
    },
  )
}
