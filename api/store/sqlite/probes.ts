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
  /**
   * To be called at the beginning of a write transaction: probes are kept from one to the next, as long as this connection
   * alone has written in between.
   */
  readonly begin: () => void
  /** Forgets what was kept: a transaction was rolled back, or deletes probes. */
  readonly forget: () => void
  /** Finds the probe that reported, or makes it; says whether its standpoint is new. */
  readonly resolve: (identity: ProbeIdentity) => { readonly probe: Probe; readonly newStandpoint: boolean }
  readonly at: (standpointIds: readonly number[]) => readonly Probe[]
  readonly ofGroups: (groupIds: readonly number[]) => ReadonlyMap<number, readonly Probe[]>
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

/** States of checks that are kept in memory at most, some 20 MB. */
const MAX_KEPT_CHECKS = 50_000

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
  const dataVersion = db.prepare<{ data_version: number }>('PRAGMA data_version')
  const at = db.prepare<ProbeRow>(`SELECT ${columns} WHERE p.standpoint_id = ? ORDER BY p.id`)
  const ofGroups = db.prepare<ProbeRow & { readonly group_id: number }>(
    `SELECT m.group_id, ${columns} JOIN group_members m ON m.standpoint_id = s.id
     WHERE m.group_id IN (SELECT value FROM json_each(?))`,
  )
  const openBefore = db.prepare<ProbeRow>(`SELECT ${columns} WHERE p.open_hour < ? LIMIT ?`)
  const update = db.prepare(
    `UPDATE probes SET last_at = ?, last_tie = ?, interval_ms = ?, open_hour = ?, workloads = ?, state = ? WHERE id = ?`,
  )
  const series = db.prepare<{ id: number }>(
    'INSERT INTO series (probe_id, name) VALUES (?, ?) ON CONFLICT DO UPDATE SET name = name RETURNING id',
  )
  const allSeries = db.prepare<{ name: string; id: number }>('SELECT name, id FROM series WHERE probe_id = ?')

  /** By what their reports say of them, and by id: they may say the same in several ways. */
  const kept = new Map<string, Probe>()
  const keptById = new Map<number, Probe>()
  let version: number | undefined

  const forget = (): void => {
    kept.clear()
    keptById.clear()
  }
  const keep = (identity: string, row: ProbeRow): Probe => {
    const probe = keptById.get(row.id) ?? decode(row)
    kept.set(identity, probe)
    keptById.set(row.id, probe)
    return probe
  }

  return {
    begin: () => {
      const now = dataVersion.get()?.data_version
      let checks = 0
      for (const probe of keptById.values()) checks += 1 + probe.checks.size
      if (now !== version || checks > MAX_KEPT_CHECKS || kept.size > MAX_KEPT_CHECKS) forget()
      version = now
    },
    forget,
    resolve: (reported) => {
      const identity = identityOf(reported)
      const before = kept.get(identity)
      if (before !== undefined) return { probe: before, newStandpoint: false }
      const standpoint = standpointOf(reported)
      const probe = known.get(standpoint.id, reported.function)
      if (probe !== undefined) return { probe: keep(identity, probe), newStandpoint: false }
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
      insert.run(standpointId, reported.function)
      return { probe: keep(identity, expected(known.get(standpoint.id, reported.function))), newStandpoint }
    },
    at: (standpointIds) => standpointIds.flatMap((id) => at.all(id)).map(decode),
    ofGroups: (groupIds) => {
      const groups = new Map<number, Probe[]>()
      for (const row of ofGroups.all(JSON.stringify(groupIds))) {
        const probe = decode(row)
        const others = groups.get(row.group_id)
        if (others === undefined) groups.set(row.group_id, [probe])
        else others.push(probe)
      }
      return groups
    },
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
      return expected(series.get(probe.id, check)).id
    },
  }
}

function identityOf({ account, region, subnet, securityGroups, function: name }: ProbeIdentity): string {
  return JSON.stringify([account, region, subnet, securityGroups, name])
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
