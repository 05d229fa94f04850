import type { Posture } from '../../health/health.js'
import { decodeCursor, encodeCursor } from '../cursor.js'
import type { Page, PageQuery } from '../store.js'
import type { Db } from './db.js'

/** The postures of all functions, in order of their id, with the probes that stand there. */
export function listPosturesOf(db: Db) {
  const list = db.prepare<{ posture: string; subnets: string; security_groups: string }>(
    `SELECT posture, subnets, security_groups FROM groups WHERE posture > ? GROUP BY posture ORDER BY posture LIMIT ?`,
  )
  const functions = db.prepare<{ name: string }>(
    'SELECT f.name FROM groups g JOIN functions f ON f.group_id = g.id WHERE g.posture = ? ORDER BY f.name',
  )
  const probes = db.prepare<{ name: string; subnet: string | null; last_at: number | null }>(
    `SELECT DISTINCT p.id, p.name, s.subnet, p.last_at FROM groups g JOIN group_members m ON m.group_id = g.id
     JOIN standpoints s ON s.id = m.standpoint_id JOIN probes p ON p.standpoint_id = s.id
     WHERE g.posture = ? ORDER BY s.subnet, p.name, p.id`,
  )
  return (query: PageQuery): Page<Posture> => {
    const after = query.cursor === undefined ? '' : decodeCursor('postures', query.cursor, ['string'])[0]
    const rows = list.all(after, query.limit + 1)
    const items = rows.slice(0, query.limit).map(({ posture, subnets, security_groups }) => ({
      id: posture,
      subnets: JSON.parse(subnets),
      securityGroups: JSON.parse(security_groups),
      functions: functions.all(posture).map(({ name }) => name),
      probes: probes.all(posture).map(({ name, subnet, last_at }) => ({
        name,
        subnet,
        lastReportAt: last_at === null ? null : new Date(last_at).toISOString(),
      })),
    }))
    const last = items.at(-1)
    return {
      items,
      nextCursor: rows.length > query.limit && last ? encodeCursor('postures', [last.id]) : null,
    }
  }
}
