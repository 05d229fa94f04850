/** What the lab needs of a snapshot's documents: one answer of one AWS CLI call each. */
export interface LabDocument {
  readonly call: string
  readonly key: string
  readonly body: unknown
}

/** An object of AWS's JSON. */
export type Raw = Readonly<Record<string, unknown>>

export function isRaw(value: unknown): value is Raw {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The objects in a list; a missing list is an empty one, as the AWS CLI leaves empty lists out at times. */
export function records(of: Raw | undefined, field: string): readonly Raw[] {
  const value = of?.[field]
  return Array.isArray(value) ? value.filter(isRaw) : []
}

export function record(of: Raw | undefined, field: string): Raw | undefined {
  const value = of?.[field]
  return isRaw(value) ? value : undefined
}

export function strings(of: Raw | undefined, field: string): readonly string[] {
  const value = of?.[field]
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : []
}

/** The text in a field, '' where there is none. */
export function text(of: Raw | undefined, field: string): string {
  const value = of?.[field]
  return typeof value === 'string' ? value : ''
}

export function number(of: Raw | undefined, field: string): number | null {
  const value = of?.[field]
  return typeof value === 'number' ? value : null
}

/** The bodies of all documents of a call: its pages, regions and accounts together. */
export function bodies(documents: readonly LabDocument[], call: string, key?: string): readonly Raw[] {
  return documents
    .filter((one) => one.call === call && (key === undefined || one.key === key))
    .map((one) => one.body)
    .filter(isRaw)
}

/** A list that a call answers, over all its documents. */
export function listed(documents: readonly LabDocument[], call: string, field: string): readonly Raw[] {
  return bodies(documents, call).flatMap((body) => records(body, field))
}
