import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import type { Diagnoser } from '../diagnoser.js'
import { readChanges } from '../diagnosis/change-schema.js'
import { PLAIN_COLUMNS } from '../diagnosis/explain.js'
import { explainFunction } from '../diagnosis/explain-function.js'
import { ApiError } from '../errors.js'
import type { FunctionHealth } from '../health/health.js'
import { languageOf } from '../language.js'
import { namesIn } from '../network/map/name-ids.js'
import type { Trace } from '../network/path.js'
import { type NetworkState, namesNow } from '../network-state.js'
import type { Store } from '../store/store.js'
import { named } from './asked.js'
import { FunctionDiagnosis, Group, Names } from './diagnosis-schemas.js'
import { functionNamed } from './function-named.js'
import { changesBody, refusing } from './rehearsals.js'
import { bodyProblems, commonProblems, MAX_NAME, NameParams, Nullable, notFound, query } from './schemas.js'
import { TraceRef } from './trace-schemas.js'

export interface DiagnosesOptions {
  readonly store: Store
  readonly diagnoser: Diagnoser
  readonly network: NetworkState
  readonly clock: () => Date
}

const NullableTrace = Type.Unsafe<Trace | null>({ anyOf: [{ $ref: 'Trace#' }, { type: 'null' }] })

/** Why functions can't reach what they should: per function, and grouped by cause. */
export const diagnosesRoutes: FastifyPluginAsyncTypebox<DiagnosesOptions> = async (app, options) => {
  const { store, diagnoser, network, clock } = options

  const names = () => namesNow(network)

  const health = (name: string): Promise<FunctionHealth> => functionNamed(store, name, clock())

  app.get(
    '/v1/functions/:name/paths',
    {
      config: { access: 'read' },
      schema: {
        summary: 'The paths of a function’s checks through the newest snapshot',
        tags: ['network'],
        params: NameParams,
        response: {
          200: Type.Object({
            items: Type.Array(
              Type.Object({
                check: Type.String(),
                subnet: Nullable.String(),
                target: Type.String(),
                trace: NullableTrace,
                note: Nullable.String({ description: 'Why there is no trace.' }),
              }),
            ),
            names: Names,
          }),
          ...commonProblems,
          ...notFound,
        },
      },
    },
    async ({ params: { name } }) => {
      const items = [...diagnoser.pathsOf(await health(name))]
      return { items, names: namesIn(items, names()) }
    },
  )

  app.get(
    '/v1/functions/:name/diagnosis',
    {
      config: { access: 'read' },
      schema: {
        summary: 'Why a function can’t reach what it should, and what to change',
        description:
          'As text/plain it reads well in a terminal and in a chat; Accept-Language picks English or Korean.',
        tags: ['network'],
        params: NameParams,
        querystring: query({
          columns: Type.Optional(
            Type.Integer({
              minimum: 0,
              maximum: 1000,
              default: PLAIN_COLUMNS,
              description:
                'Of text/plain: where prose is broken, counting two columns for wide characters; commands never are. 0 breaks nothing, for a chat that wraps lines itself.',
            }),
          ),
        }),
        produces: ['application/json', 'text/plain'],
        response: {
          200: {
            description: 'Every check from every standpoint, with its diagnosis.',
            content: {
              'application/json': { schema: FunctionDiagnosis },
              'text/plain': { schema: Type.String() },
            },
          },
          ...commonProblems,
          ...notFound,
        },
      },
    },
    async (request, reply) => {
      const diagnosis = await diagnoser.ofFunction(await health(request.params.name))
      if (!wantsText(request)) {
        const items = [...diagnosis.items]
        return reply.send({ ...diagnosis, items, names: namesIn(items, names()) })
      }
      const { columns = PLAIN_COLUMNS } = request.query
      const text = explainFunction(diagnosis.function, diagnosis.items, {
        language: languageOf(request),
        columns: columns === 0 ? null : columns,
        names: names(),
      })
      return reply.type('text/plain; charset=utf-8').send(text)
    },
  )

  app.post(
    '/v1/functions/:name/rehearsals',
    {
      config: { access: 'read' },
      schema: {
        summary: 'The path of a check before and after some changes',
        description:
          'As `POST /v1/rehearsals`, with the question that the check itself asks from that subnet. Nothing is changed anywhere.',
        tags: ['network'],
        params: NameParams,
        body: Type.Object(
          {
            check: Type.String({ minLength: 1, maxLength: MAX_NAME }),
            subnet: Nullable.String({ description: 'The standpoint, as in the diagnosis.' }),
            ...changesBody,
          },
          { additionalProperties: false },
        ),
        response: {
          200: Type.Object({ before: TraceRef, after: TraceRef }),
          ...commonProblems,
          ...bodyProblems,
          ...notFound,
        },
      },
    },
    async ({ params: { name }, body: { check, subnet, changes } }) => {
      const wanted = refusing(() => readChanges(changes))
      const found = await diagnoser
        .rehearse(await health(name), { check, subnet }, wanted)
        .catch((error: unknown) =>
          refusing(() =>
            named(() => {
              throw error
            }),
          ),
        )
      if (found) return found
      throw new ApiError(
        'not_found',
        `check "${check}" has no path from ${subnet ?? 'this standpoint'} to rehearse`,
      )
    },
  )

  app.get(
    '/v1/diagnoses',
    {
      config: { access: 'read' },
      schema: {
        summary: 'What is wrong now, grouped by cause',
        description:
          'A hundred functions that fail for one reason are one entry with its blast radius; the most urgent first.',
        tags: ['network'],
        response: {
          200: Type.Object({
            snapshot: Nullable.String(),
            items: Type.Array(Group),
            functionsOmitted: Type.Integer({ description: 'Failing functions beyond those looked into.' }),
            names: Names,
          }),
          ...commonProblems,
        },
      },
    },
    async () => {
      const { snapshot, groups, functionsOmitted } = await diagnoser.groups()
      const items = groups.map(({ members, ...head }) => head)
      return { snapshot, functionsOmitted, items, names: namesIn(items, names()) }
    },
  )
}

function wantsText(request: FastifyRequest): boolean {
  const accept = request.headers.accept ?? ''
  const text = accept.indexOf('text/plain')
  const json = accept.indexOf('application/json')
  return text >= 0 && (json < 0 || text < json)
}
