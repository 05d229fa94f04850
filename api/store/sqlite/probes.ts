import type { ProbeIdentity } from '../../../probe/report.schema.js'
import { standpointOf } from '../../health/standpoint.js'
import type { Db } from './db.js'
import { decodeChecks, encodeChecks, type SeriesState } from './state.js'

/** A probe's row with its state decoded; what changes it is written back once a batch. */
export interface Probe {
  readonly id: number
  readonly standpointId: number
  readonly standpoint: string
  readonly region: string | null
  readonly account: string | null
  readonly subnet: string | null
  readonly securityGroups: readonly string[]
  readonly name: string
  lastAt: number | null
  lastTie: number
  intervalMs: number | null
  openHour: number | null
  /** Functions that its reports have named so far. */
  readonly workloads: Set<string>
  readonly checks: Map<string, SeriesState>
}

export interface Probes {
  /** Finds the probe that reported, or makes it; says whether its standpoint is new. */
  readonly resolve: (identity: ProbeIdentity) => { readonly probe: Probe; readonly newStandpoint: boolean }
  readonly at: (standpointIds: readonly number[]) => readonly Probe[]
  readonly byId: (id: number) => Probe
  /** Probes whose open hour lies before a time. */
  readonly openBefore: (hour: number, limit: number) => readonly Probe[]
  readonly save: (probe: Probe) => void
  readonly seriesId: (probe: Probe, check: string) => number
  /** The series of every check that the probe ever reported, also of those that left its plan. */
  readonly allSeries: (probe: Probe) => ReadonlyMap<string, number>
}

interface ProbeRow {
  readonly id: number
  readonly standpoint_id: number
  readonly key: string
  readonly region: string | null
  readonly account: string | null
  readonly subnet: string | null
  readonly security_groups: string
  readonly name: string
  readonly last_at: number | null
  readonly last_tie: number | null
  readonly interval_ms: number | null
  readonly open_hour: number | null
  readonly workloads: string
  readonly state: string
}

const columns = `p.id, p.standpoint_id, s.key, s.region, s.account, s.subnet, s.security_groups, p.name, p.last_at, p.last_tie, p.interval_ms, p.open_hour,
  p.workloads, p.state FROM probes p JOIN standpoints s ON s.id = p.standpoint_id`

export function probesOf(db: Db): Probes {
  const known = db.prepare<ProbeRow>(`SELECT ${columns} WHERE s.key = ? AND p.name = ?`)
  const findStandpoint = db.prepare<{ id: number }>('SELECT id FROM standpoints WHERE key = ?')
  const insertStandpoint = db.prepare<{ id: number }>(
    'INSERT INTO standpoints (key, account, region, subnet, security_groups) VALUES (?, ?, ?, ?, ?) RETURNING id',
  )
  const insert = db.prepare(
    "INSERT INTO probes (standpoint_id, name, workloads, state) VALUES (?, ?, '[]', '[]')",
  )
  const at = db.prepare<ProbeRow>(`SELECT ${columns} WHERE p.standpoint_id = ? ORDER BY p.id`)
  const byId = db.prepare<ProbeRow>(`SELECT ${columns} WHERE p.id = ?`)
  const openBefore = db.prepare<ProbeRow>(`SELECT ${columns} WHERE p.open_hour < ? LIMIT ?`)
  const update = db.prepare(
    `UPDATE probes SET last_at = ?, last_tie = ?, interval_ms = ?, open_hour = ?, workloads = ?, state = ? WHERE id = ?`,
  )
  const insertSeries = db.prepare('INSERT OR IGNORE INTO series (probe_id, name) VALUES (?, ?)')
  const findSeries = db.prepare<{ id: number }>('SELECT id FROM series WHERE probe_id = ? AND name = ?')
  const allSeries = db.prepare<{ name: string; id: number }>('SELECT name, id FROM series WHERE probe_id = ?')

  return {
    resolve: (identity) => {
      const standpoint = standpointOf(identity)
      const probe = known.get(standpoint.id, identity.function)
      if (probe !== undefined) return { probe: decode(probe), newStandpoint: false }
      let found = findStandpoint.get(standpoint.id)
      const newStandpoint = found === undefined
      found ??= insertStandpoint.get(
        standpoint.id,
        standpoint.account,
        standpoint.region,
        standpoint.subnet,
        JSON.stringify(standpoint.securityGroups),
      )
      const standpointId = expected(found).id
      insert.run(standpointId, identity.function)
      return { probe: decode(expected(known.get(standpoint.id, identity.function))), newStandpoint }
    },
    at: (standpointIds) => standpointIds.flatMap((id) => at.all(id)).map(decode),
    byId: (id) => decode(expected(byId.get(id))),
    openBefore: (hour, limit) => openBefore.all(hour, limit).map(decode),
    save: (probe) => {
      update.run(
        probe.lastAt,
        probe.lastTie,
        probe.intervalMs,
        probe.openHour,
        JSON.stringify([...probe.workloads]),
        encodeChecks(probe.checks),
        probe.id,
      )
    },
    allSeries: (probe) => new Map(allSeries.all(probe.id).map(({ name, id }) => [name, id])),
    seriesId: (probe, check) => {
      const known = probe.checks.get(check)
      if (known !== undefined) return known.series
      insertSeries.run(probe.id, check)
      return expected(findSeries.get(probe.id, check)).id
    },
  }
}

function decode(row: ProbeRow): Probe {
  const workloads: readonly string[] = JSON.parse(row.workloads)
  const securityGroups: readonly string[] = JSON.parse(row.security_groups)
  return {
    id: row.id,
    standpointId: row.standpoint_id,
    standpoint: row.key,
    region: row.region,
    account: row.account,
    subnet: row.subnet,
    securityGroups,
    name: row.name,
    lastAt: row.last_at,
    lastTie: row.last_tie ?? 0,
    intervalMs: row.interval_ms,
    openHour: row.open_hour,
    workloads: new Set(workloads),
    checks: decodeChecks(row.state),
  }
}

function expected<T>(row: T | undefined): T {
  if (row === undefined) throw new Error('a row that was just written is gone')
  return row
}
