import type { CheckHealth, FunctionHealth, FunctionStatus } from './health.js'

/** One check of one function as a cell: what a matrix shows of it. */
export interface MatrixCell {
  readonly name: string
  /** As the check's own, but for one that is `pending` and fails so far: that is told. */
  readonly status: CheckHealth['status']
  /** Standpoints from which it fails now, of how many. */
  readonly failed: number
  readonly of: number
  /** The outcome of the first standpoint that fails; null where none does. */
  readonly outcome: string | null
}

/** One function as a row: a hundredth of the bytes of its health. */
export interface MatrixRow {
  readonly name: string
  readonly status: FunctionStatus
  readonly since: string | null
  readonly lastReportAt: string | null
  readonly cells: readonly MatrixCell[]
}

export function rowOf({ name, status, since, lastReportAt, checks }: FunctionHealth): MatrixRow {
  return { name, status, since, lastReportAt, cells: checks.map(cellOf) }
}

function cellOf({ name, status, standpoints }: CheckHealth): MatrixCell {
  const failing = standpoints.filter(({ asExpected }) => !asExpected)
  const [first] = failing
  const speaks = status === 'pending' && first !== undefined
  const pending = failing.length === standpoints.length ? 'failing' : 'degraded'
  return {
    name,
    status: speaks ? pending : status,
    failed: failing.length,
    of: standpoints.length,
    outcome: first?.outcome ?? null,
  }
}
