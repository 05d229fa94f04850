import type { AddressResult, Detail, Phases, Result } from '../../../probe/report.schema.js'

type PackedPhases = [
  dns?: number | null,
  connect?: number | null,
  tls?: number | null,
  exchange?: number | null,
]

type Packed = [
  check: string,
  kind: string,
  target: string,
  expect: Result['expect'],
  outcome: string,
  asExpected: boolean,
  ms: number,
  phases: PackedPhases,
  endedIn: Result['endedIn'] | null,
  address: string | null,
  addressKind: Result['addressKind'],
  attempts: (string | number)[],
  detail?: Detail | null,
  addresses?: AddressResult[],
]

/**
 * A report's results as text, without the names of their fields: those are most of it, and each report is written and read as
 * a whole.
 */
export function encodeResults(results: readonly Result[]): string {
  return JSON.stringify(results.map(pack))
}

export function decodeResults(text: string): readonly Result[] {
  const packed: readonly (Packed | Result)[] = JSON.parse(text)
  // Files of schema versions before 5 hold some with their names.
  return packed.map((one) => (Array.isArray(one) ? unpack(one) : one))
}

function pack(result: Result): Packed {
  const { check, kind, target, expect, outcome, asExpected, ms, phases, endedIn, address, addressKind } =
    result
  const attempts: (string | number)[] = []
  for (const attempt of result.attempts) attempts.push(attempt.outcome, attempt.ms)
  const packed: Packed = [
    check,
    kind,
    target,
    expect,
    outcome,
    asExpected,
    ms,
    packPhases(phases),
    endedIn ?? null,
    address,
    addressKind,
    attempts,
  ]
  if (result.detail !== undefined || result.addresses !== undefined) packed.push(result.detail ?? null)
  if (result.addresses !== undefined) packed.push(result.addresses)
  return packed
}

function unpack(packed: Packed): Result {
  const [check, kind, target, expect, outcome, asExpected, ms, phases, endedIn, address, addressKind] = packed
  const [, , , , , , , , , , , flat, detail, addresses] = packed
  const attempts: Result['attempts'] = []
  for (let at = 0; at + 1 < flat.length; at += 2) {
    attempts.push({ outcome: String(flat[at]), ms: Number(flat[at + 1]) })
  }
  return {
    check,
    kind,
    target,
    expect,
    outcome,
    asExpected,
    ms,
    phases: unpackPhases(phases),
    ...(endedIn ? { endedIn } : {}),
    address,
    addressKind,
    attempts,
    ...(addresses ? { addresses } : {}),
    ...(detail ? { detail } : {}),
  }
}

/** Phases that were not entered are `null`, or missing at the end. */
function packPhases({ dns, connect, tls, exchange }: Phases): PackedPhases {
  if (exchange !== undefined) return [dns ?? null, connect ?? null, tls ?? null, exchange]
  if (tls !== undefined) return [dns ?? null, connect ?? null, tls]
  if (connect !== undefined) return [dns ?? null, connect]
  return dns === undefined ? [] : [dns]
}

function unpackPhases([dns, connect, tls, exchange]: PackedPhases): Phases {
  const phases: Phases = {}
  if (typeof dns === 'number') phases.dns = dns
  if (typeof connect === 'number') phases.connect = connect
  if (typeof tls === 'number') phases.tls = tls
  if (typeof exchange === 'number') phases.exchange = exchange
  return phases
}
