import { Type } from 'typebox'
import type { Diagnosis as DiagnosisValue } from '../diagnosis/diagnosis.js'
import type { DiagnosisGroup as GroupValue } from '../diagnosis/group.js'
import { Nullable, ref, Sentence } from './schemas.js'
import { Blocker, MissingFact, Remark, Trace } from './trace-schemas.js'

/** The components of the OpenAPI document that speak of causes and fixes. */

function component<T extends ReturnType<typeof Type.Object>>($id: string, schema: T): T & { $id: string } {
  return Object.assign(schema, { $id, title: $id })
}

const Kind = Type.Enum([
  'healthy',
  'proven',
  'predicted',
  'contradicted',
  'outside-configuration',
  'inconclusive',
])
const Cause = Type.Union([Type.Object({ code: Type.String(), component: Type.String() }), Type.Null()])

/** One change, open for the members of its kind; `POST /v1/rehearsals` checks them. */
export const Change = component(
  'Change',
  Type.Object(
    { kind: Type.String() },
    { additionalProperties: true, description: 'One atomic change of the configuration.' },
  ),
)

export const Fix = component(
  'Fix',
  Type.Object({
    id: Type.String(),
    title: ref(Sentence),
    changes: Type.Array(ref(Change)),
    risk: ref(Sentence),
    cost: ref(Sentence),
    undo: ref(Sentence),
    cli: Type.String(),
    cloudformation: Type.String(),
    terraform: Type.String(),
    behind: Type.Array(ref(Blocker), {
      description: 'What stands behind the first blockers and came to light as they were lifted.',
    }),
    rehearsal: ref(Trace),
  }),
)

export const Diagnosis = component(
  'Diagnosis',
  Type.Object({
    kind: Kind,
    summary: ref(Sentence),
    cause: Cause,
    blockers: Type.Array(ref(Blocker)),
    missing: Type.Array(ref(MissingFact)),
    candidates: Type.Array(Type.Object({ code: Type.String(), text: ref(Sentence), next: ref(Sentence) })),
    fixes: Type.Array(ref(Fix), { description: 'Least invasive first; each was rehearsed.' }),
    advice: Type.Array(ref(Remark)),
    path: Type.Union([ref(Trace), Type.Null()]),
  }),
)

export const DIAGNOSIS_COMPONENTS = [Change, Fix, Diagnosis] as const

/** Components as response types: the values' own types, the components' schemas. */
export const DiagnosisRef = Type.Unsafe<DiagnosisValue>({ $ref: 'Diagnosis#' })

export const Names = Type.Record(Type.String(), Type.String(), {
  description:
    'What people call the ids that stand in this answer: a Name tag, the name of a security group.',
})

export const FunctionDiagnosis = Type.Object({
  function: Type.String(),
  status: Type.String(),
  snapshot: Nullable.String({ description: 'Id of the snapshot that was asked; null where none is kept.' }),
  items: Type.Array(
    Type.Object({
      check: Type.String(),
      subnet: Nullable.String(),
      probe: Type.String(),
      outcome: Type.String(),
      at: Type.String(),
      since: Type.String({ description: 'When the present status of the check began there.' }),
      note: Nullable.String({ description: 'Why the configuration could not be asked.' }),
      diagnosis: DiagnosisRef,
    }),
  ),
  names: Names,
})

type GroupHead = Omit<GroupValue, 'members'>

export const Group = Type.Unsafe<GroupHead>(
  Type.Object({
    kind: Kind,
    cause: Cause,
    summary: ref(Sentence),
    functions: Type.Array(Type.String()),
    checks: Type.Array(Type.String()),
    count: Type.Integer(),
    since: Nullable.String({ description: 'Since when the first of the checks is so.' }),
    fixes: Type.Array(ref(Fix)),
  }),
)
