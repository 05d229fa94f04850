/** AWS's code where AWS answered with one, and the first line of what it said. */
export interface Failure {
  readonly code: string
  readonly message: string
}

/** What a failed call says, whoever it came from. */
export function failureOf(cause: unknown): Failure {
  if (!(cause instanceof Error)) return { code: 'Error', message: String(cause) }
  const message =
    cause.message === '' && cause instanceof AggregateError ? String(cause.errors[0]) : cause.message
  // The first line: a service that answers with a page of HTML must not fill the manifest with it.
  const line = message.split('\n', 1)[0] ?? ''
  return { code: failureCode(cause), message: line.length > 300 ? `${line.slice(0, 300)}…` : line }
}

/** AWS's code where AWS answered with one, else the system's (ECONNREFUSED), else the HTTP status. */
function failureCode(cause: Error): string {
  if (cause.name !== 'Error' && cause.name !== 'AggregateError') return cause.name
  if ('code' in cause && typeof cause.code === 'string') return cause.code
  const metadata = '$metadata' in cause ? cause.$metadata : null
  const known = typeof metadata === 'object' && metadata !== null && 'httpStatusCode' in metadata
  return known ? `Http${metadata.httpStatusCode}` : cause.name
}
