import type { Db } from './db.js'
import type { Probe, Probes } from './probes.js'

/** From a function's name to the probes that see the network as it does. */
export type ProbesOfFunction = (name: string) => readonly Probe[]

export function probesOfFunction(db: Db, probes: Probes): ProbesOfFunction {
  const standpoints = db.prepare<{ standpoint_id: number }>(
    `SELECT m.standpoint_id FROM functions f JOIN group_members m ON m.group_id = f.group_id WHERE f.name = ?
     ORDER BY m.standpoint_id`,
  )
  return (name) => probes.at(standpoints.all(name).map(({ standpoint_id }) => standpoint_id))
}
