import type { Recording } from './recording.js'

/**
 * What a recording says, a line each, without what differs from one making to the next: milliseconds, versions, dates,
 * which of an endpoint's two addresses answered first. Two recordings
 * with the same lines tell the same story.
 */
export function meaningOf({ lengthMs, moments }: Recording): readonly string[] {
  const lines = moments.flatMap((moment) => {
    const at = `${moment.at / 1000} s`
    if ('report' in moment) {
      const { probe, results } = moment.report
      const who = `${probe.function} in ${probe.subnet ?? 'no VPC'} for ${(probe.workloads ?? []).join(', ')}`
      return results.map(
        ({ check, target, outcome, addressKind, detail }) =>
          `${at}: ${who}: ${check} ${target} ${outcome} ${addressKind ?? ''} ${detail?.egressIp ?? ''}`,
      )
    }
    const { documents, state } = moment
    const active = state.faults.filter((fault) => fault.active).map(({ id }) => id)
    return [
      `${at}: faults ${active.join(', ') || 'none'}, ${state.fixesApplied} fixes`,
      ...state.faults.map((fault) => `${at}: ${JSON.stringify({ ...fault, active: undefined })}`),
      ...documents.map(({ call, key, body }) => `${at}: ${call} ${key}: ${JSON.stringify(body)}`),
    ]
  })
  return [`${lengthMs / 1000} s`, ...lines]
}

/** The lines that only one of two recordings has, up to a number: `-` those of the first, `+` those of the second. */
export function differences(before: Recording, after: Recording, most: number): readonly string[] {
  const [a, b] = [meaningOf(before), meaningOf(after)]
  const [inA, inB] = [new Set(a), new Set(b)]
  return [
    ...a.filter((line) => !inB.has(line)).map((line) => `- ${line}`),
    ...b.filter((line) => !inA.has(line)).map((line) => `+ ${line}`),
  ].slice(0, most)
}
