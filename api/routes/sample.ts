import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { readChanges } from '../diagnosis/change-schema.js'
import { ApiError } from '../errors.js'
import { type Sample, type SampleControl, SampleRefusal } from '../sample/index.js'
import { changesBody, refusing } from './rehearsals.js'
import { bodyProblems, commonProblems, Nullable, problemResponse, ref, Sentence } from './schemas.js'

export interface SampleOptions {
  readonly sample: Sample | null
}

const SampleSchema = Object.assign(
  Type.Object({
    kind: Type.Enum(['lab', 'recording']),
    recordedAt: Nullable.String({ description: 'ISO 8601: when the recording was made; null for the lab.' }),
    whyNoLab: Nullable.String({
      description: 'Why a recording is shown in place of the lab, in one sentence.',
    }),
    faults: Type.Array(
      Type.Object({
        id: Type.String(),
        title: ref(Sentence),
        description: ref(Sentence),
        functions: Type.Array(Type.String(), { description: 'The functions that notice it.' }),
        active: Type.Boolean({
          description: 'It was put in and still stands; a fix that mends it in another way ends it as well.',
        }),
      }),
    ),
    fixesApplied: Type.Integer({ minimum: 0 }),
  }),
  { $id: 'Sample', title: 'Sample', description: 'The sample account, and what of it can be broken.' },
)

const noSample = { 404: problemResponse('No sample is shown here, or it has no such fault.') }
const answers = { 200: ref(SampleSchema), ...commonProblems, ...noSample }
const changing = {
  ...answers,
  ...bodyProblems,
  409: problemResponse('A recording is shown, or the sample is not as that needs it.'),
}
const FaultParams = Type.Object({ id: Type.String({ maxLength: 64 }) })
const ABOUT =
  'Answers once the network has changed; the probes see it at once, and their reports come in within seconds.'

/** `/v1/sample`: what the sample shows, and breaking and mending it where it runs live. */
export const sampleRoutes: FastifyPluginAsyncTypebox<SampleOptions> = async (app, { sample }) => {
  app.addSchema(SampleSchema)

  const present = () => {
    const shown = required(sample)
    const { faults, fixesApplied } = shown.state()
    return {
      kind: shown.kind,
      recordedAt: shown.recordedAt,
      whyNoLab: shown.whyNoLab,
      faults: faults.map((fault) => ({ ...fault, functions: [...fault.functions] })),
      fixesApplied,
    }
  }
  const perform = async (
    request: FastifyRequest,
    deed: string,
    work: (control: SampleControl) => Promise<void>,
  ) => {
    const { control, whyNoLab } = required(sample)
    if (control === null) {
      const why = whyNoLab === null ? '' : `: ${whyNoLab}`
      throw new ApiError('sample_recording', `the sample is a recording, which can not be changed${why}`)
    }
    request.log.info(
      { audit: 'sample', id: request.id, who: request.principal?.name, deed },
      'sample changed',
    )
    await work(control).catch((error: unknown) => {
      throw error instanceof SampleRefusal ? asProblem(error) : error
    })
    return present()
  }

  app.get(
    '/v1/sample',
    {
      config: { access: 'read' },
      schema: { summary: 'The sample that is shown', tags: ['sample'], response: answers },
    },
    async () => present(),
  )

  app.post(
    '/v1/sample/faults/:id',
    {
      config: { access: 'admin' },
      schema: {
        summary: 'Break the sample',
        description: `Puts a fault into the sample's account; nothing is done where it stands already. ${ABOUT}`,
        tags: ['sample'],
        params: FaultParams,
        response: changing,
      },
    },
    async (request) =>
      perform(request, `break ${request.params.id}`, ({ break: put }) => put(request.params.id)),
  )

  app.delete(
    '/v1/sample/faults/:id',
    {
      config: { access: 'admin' },
      schema: {
        summary: 'Take a fault of the sample back',
        description: `The account becomes what it would be without the fault. ${ABOUT}`,
        tags: ['sample'],
        params: FaultParams,
        response: changing,
      },
    },
    async (request) => perform(request, `mend ${request.params.id}`, ({ mend }) => mend(request.params.id)),
  )

  app.post(
    '/v1/sample/fixes',
    {
      config: { access: 'admin' },
      schema: {
        summary: "Apply a fix to the sample's account",
        description: `Takes the \`changes\` of a diagnosis' fix and makes them real in the lab's network. ${ABOUT}`,
        tags: ['sample'],
        body: Type.Object(changesBody, { additionalProperties: false }),
        response: changing,
      },
    },
    async (request) => {
      const changes = refusing(() => readChanges(request.body.changes))
      return perform(request, 'fix', ({ fix }) => fix(changes))
    },
  )

  app.post(
    '/v1/sample/reset',
    {
      config: { access: 'admin' },
      schema: {
        summary: 'Put the sample back to its beginning',
        description: `All faults and fixes are taken back, and those of the beginning stand again. ${ABOUT}`,
        tags: ['sample'],
        response: changing,
      },
    },
    async (request) => perform(request, 'reset', ({ reset }) => reset()),
  )
}

function required(sample: Sample | null): Sample {
  if (sample === null) throw new ApiError('not_found', 'no sample is shown here')
  return sample
}

function asProblem(refusal: SampleRefusal): ApiError {
  switch (refusal.code) {
    case 'unknown':
      return new ApiError('not_found', refusal.message, { cause: refusal })
    case 'unfit':
      return new ApiError('sample_unfit', refusal.message, { cause: refusal })
    case 'failed':
      return new ApiError('not_ready', refusal.message, { cause: refusal })
  }
}
