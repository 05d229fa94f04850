import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { type Static, Type } from 'typebox'
import { ApiError } from '../errors.js'
import { commonProblems, Nullable, problemResponse } from './schemas.js'

const Integer = (description: string) => Type.Integer({ description })

const SettingsSchema = Type.Object({
  file: Nullable.String({ description: 'The configuration file; null without one.' }),
  auth: Type.Enum(['open', 'token', 'iam']),
  server: Type.Object({
    host: Type.String(),
    port: Type.Integer(),
    requestsPerMinute: Integer('Of each token without a limit of its own.'),
    maxBodyBytes: Type.Integer(),
    trustProxy: Type.Boolean(),
    publicBadges: Type.Boolean(),
  }),
  data: Type.String({ description: 'Folder of the database.' }),
  snapshots: Nullable.String({ description: 'The snapshot folder that is followed.' }),
  logLevel: Type.String(),
  policy: Type.Object({
    flipAfter: Integer('Results in a row before a status flips.'),
    intervalMs: Integer('Expected between two reports, where a probe does not say it.'),
  }),
  retention: Type.Object({
    resultsDays: Type.Integer(),
    minuteRollupsDays: Type.Integer(),
    hourRollupsDays: Type.Integer(),
    dayRollupsDays: Type.Integer(),
    incidentsDays: Type.Integer(),
    maxRejects: Type.Integer(),
    maxEvents: Type.Integer(),
  }),
  declaredFunctions: Integer('Functions that the configuration names.'),
  tokens: Type.Array(
    Type.Object({
      name: Type.String(),
      scopes: Type.Array(Type.String()),
      requestsPerMinute: Nullable.Number(),
    }),
    { description: 'Who may ask for what. Neither tokens nor their hashes are told.' },
  ),
  sources: Type.Object({
    folders: Type.Array(Type.String()),
    cloudwatch: Type.Array(
      Type.Object({
        region: Type.String(),
        account: Nullable.String({ description: 'Whose role reads; null for its own credentials.' }),
        logGroups: Type.Array(Type.String()),
        pollMs: Type.Integer(),
      }),
    ),
    firehose: Type.Boolean({ description: 'Whether a delivery stream has a key.' }),
  }),
  inventory: Type.Union([
    Type.Object({ regions: Type.Array(Type.String()), everyMs: Type.Integer() }),
    Type.Null(),
  ]),
  accounts: Type.Array(
    Type.Object({ account: Type.String(), roleArn: Type.String(), regions: Type.Array(Type.String()) }),
    { description: 'Other accounts, each by a role. External ids are not told.' },
  ),
  runs: Type.Union(
    [
      Type.Object({
        probes: Type.Array(Type.String()),
        timeoutMs: Type.Integer(),
        perFunctionPerMinute: Type.Integer(),
        perMinute: Type.Integer(),
      }),
      Type.Null(),
    ],
    { description: 'Runs on demand; null where they are not allowed.' },
  ),
})

/** The configuration as it may be shown. */
export type Settings = Static<typeof SettingsSchema>

/** `GET /v1/settings`: what this server runs by. Read-only; the configuration file is where it is changed. */
export const settingsRoutes: FastifyPluginAsyncTypebox<{ readonly settings: Settings | null }> = async (
  app,
  { settings },
) => {
  app.get(
    '/v1/settings',
    {
      // Paths, log groups and who holds tokens: more than a wallboard's token needs to know.
      config: { access: 'admin' },
      schema: {
        summary: 'The configuration, without secrets',
        tags: ['operation'],
        response: {
          200: SettingsSchema,
          ...commonProblems,
          404: problemResponse('This server was not started from a configuration.'),
        },
      },
    },
    async () => {
      if (settings === null)
        throw new ApiError('not_found', 'this server was not started from a configuration')
      return settings
    },
  )
}
