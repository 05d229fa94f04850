import type { ComponentChildren } from 'preact'
import { useShared } from '../context.js'
import type { Problem } from '../data/client.js'
import type { Load } from '../data/use-load.js'
import { ServerSaid } from './server-said.js'
import { StatusShape } from './status.js'

/** Nothing to show, and what to do about it; `whole` where it stands in place of the page. */
export function Empty({
  title,
  children,
  whole = false,
}: {
  readonly title: string
  readonly children?: ComponentChildren
  readonly whole?: boolean
}) {
  return (
    <div class="notice">
      {whole ? <h1 class="notice-title">{title}</h1> : <p class="notice-title">{title}</p>}
      {children === undefined ? null : <div class="notice-text">{children}</div>}
    </div>
  )
}

/** Room for what is on its way; shows itself only if that takes long. `rows` is how high it will be. */
export function Loading({ rows = 4 }: { readonly rows?: number }) {
  const shared = useShared()
  return (
    <div class="loading" role="status">
      <span class="visually-hidden">{shared.loading}</span>
      {Array.from({ length: rows }, (_, index) => (
        <span key={index} class="skeleton" aria-hidden="true" />
      ))}
    </div>
  )
}

/** Why something could not be read, and the way on. */
export function ProblemNotice({
  problem,
  onRetry,
}: {
  readonly problem: Problem
  readonly onRetry?: () => void
}) {
  const shared = useShared()
  // The shell asks for the token in place of the page.
  if (problem.kind === 'unauthorised') return null
  const { requestId } = problem.facts
  const ours =
    problem.kind === 'disconnected'
      ? shared.problem.disconnectedHint
      : problem.kind === 'broken' && requestId !== null
        ? shared.problem.brokenHint(requestId)
        : null
  return (
    <div class="notice notice-problem" role="alert">
      <p class="notice-title">
        <StatusShape shape={problem.kind === 'disconnected' ? 'stale' : 'warn'} />{' '}
        {shared.problem[problem.kind]}
      </p>
      <p class="notice-text">{ours ?? <ServerSaid message={problem.message} />}</p>
      {onRetry === undefined ? null : (
        <button type="button" class="button" onClick={onRetry}>
          {shared.retry}
        </button>
      )}
    </div>
  )
}

/** Draws what was loaded; until then, or where that failed, says so. A failed reading again leaves what is shown. */
export function Loaded<T>({
  load,
  rows,
  children,
}: {
  readonly load: Load<T>
  readonly rows?: number
  readonly children: (value: T) => ComponentChildren
}) {
  if (load.value !== null) return <>{children(load.value)}</>
  if (load.problem !== null) return <ProblemNotice problem={load.problem} onRetry={load.reload} />
  return <Loading {...(rows === undefined ? {} : { rows })} />
}
