import type { CheckState, OpenIncident } from '../../health/fold.js'

export interface SeriesState {
  readonly series: number
  readonly state: CheckState
}

type Packed = [
  name: string,
  series: number,
  total: number,
  failing: boolean,
  since: number,
  streak: number,
  streakAt: number,
  streakOutcome: string,
  partial: number,
  incident: OpenIncident | null,
  at: number,
  kind: string,
  target: string,
  expect: 'reachable' | 'unreachable',
  outcome: string,
  endedIn: string | null,
  asExpected: boolean,
  ms: number,
  address: string | null,
  addressKind: 'private' | 'public' | null,
  addresses: CheckState['last']['addresses'],
]

/**
 * The states of a probe's checks as text. They are read and written with every report, so they carry no names of fields:
 * that halves them. Entries, not an object: a check may be called `__proto__`.
 */
export function encodeChecks(checks: ReadonlyMap<string, SeriesState>): string {
  const packed: Packed[] = []
  for (const [name, { series, state: s }] of checks) {
    const { at, kind, target, expect, outcome, endedIn, asExpected, ms, address, addressKind, addresses } =
      s.last
    packed.push([
      name,
      series,
      s.total,
      s.failing,
      s.since,
      s.streak,
      s.streakAt,
      s.streakOutcome,
      s.partial,
      s.incident,
      at,
      kind,
      target,
      expect,
      outcome,
      endedIn,
      asExpected,
      ms,
      address,
      addressKind,
      addresses,
    ])
  }
  return JSON.stringify(packed)
}

export function decodeChecks(json: string): Map<string, SeriesState> {
  const packed: readonly Packed[] = JSON.parse(json)
  const checks = new Map<string, SeriesState>()
  for (const p of packed) {
    const last = {
      at: p[10],
      kind: p[11],
      target: p[12],
      expect: p[13],
      outcome: p[14],
      endedIn: p[15],
      asExpected: p[16],
      ms: p[17],
      address: p[18],
      addressKind: p[19],
      addresses: p[20],
    }
    const state = {
      total: p[2],
      failing: p[3],
      since: p[4],
      streak: p[5],
      streakAt: p[6],
      streakOutcome: p[7],
      partial: p[8],
      incident: p[9],
      last,
    }
    checks.set(p[0], { series: p[1], state })
  }
  return checks
}
