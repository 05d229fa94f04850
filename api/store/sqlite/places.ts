import type { Db } from './db.js'
import type { Probe, Probes } from './probes.js'

/** A probe that sees, or saw, the network as a function does. */
export interface ProbeOfFunction {
  readonly probe: Probe
  /** What it saw from this time on is no longer the function's: it left that standpoint. Infinity where it is still there. */
  readonly until: number
}

/** From a function's name to the probes of its standpoints, those that it left among them. */
export type ProbesOfFunction = (name: string) => readonly ProbeOfFunction[]

export function probesOfFunction(db: Db, probes: Probes): ProbesOfFunction {
  const standpoints = db.prepare<{ standpoint_id: number; until: number | null }>(
    `SELECT m.standpoint_id, NULL AS until FROM functions f JOIN group_members m ON m.group_id = f.group_id WHERE f.name = ?
     UNION ALL SELECT l.standpoint_id, l.until FROM functions f JOIN function_past l ON l.function_id = f.id WHERE f.name = ?
     ORDER BY 1, 2`,
  )
  return (name) => {
    const seen = new Set<number>()
    return standpoints.all(name, name).flatMap(({ standpoint_id, until }) => {
      // One that it came back to stands first, without an end.
      if (seen.has(standpoint_id)) return []
      seen.add(standpoint_id)
      return probes.at([standpoint_id]).map((probe) => ({ probe, until: until ?? Number.POSITIVE_INFINITY }))
    })
  }
}
