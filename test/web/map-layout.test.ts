import fc from 'fast-check'
import t from 'tap'
import { parseFlow } from '../../api/network/flow-text.js'
import { networkOverview, vpcMap } from '../../api/network/map/map.js'
import { nameTags } from '../../api/network/map/names.js'
import { buildModel } from '../../api/network/model.js'
import type { Snapshot } from '../../api/network/snapshot.js'
import { trace } from '../../api/network/trace.js'
import { type Box, fitted, holds, type Point } from '../../api/web/pages/map/geometry.js'
import { drawPath, extraEnds } from '../../api/web/pages/map/path.js'
import { routed } from '../../api/web/pages/map/route.js'
import { sceneOf } from '../../api/web/pages/map/scene.js'
import { scenarioSnapshot } from '../support/snapshots.js'
import { fiveVpcs } from './support/five-vpcs.js'

function sceneFrom(snapshot: Snapshot, from: string, to: string) {
  const { model } = buildModel(snapshot)
  const names = nameTags(snapshot)
  const overview = networkOverview(model, names)
  const maps = new Map(
    overview.vpcs.flatMap(({ id }) => {
      const map = vpcMap(model, names, id)
      return map === null ? [] : [[id, map] as const]
    }),
  )
  const flow = parseFlow({ from, to, protocol: 'tcp', port: null, sourcePort: null }, model)
  const path = trace(model, flow.source, flow.destination, flow.flow)
  const known = new Set([...maps.values()].flatMap(({ things }) => things.map(({ id }) => id)))
  const scene = sceneOf(overview, maps, extraEnds([path], known))
  return { scene, path, drawn: drawPath(scene, path, from) }
}

const overlap = (a: Box, b: Box) =>
  a.x < b.x + b.w - 0.5 && b.x < a.x + a.w - 0.5 && a.y < b.y + b.h - 0.5 && b.y < a.y + a.h - 0.5
const within = (inner: Box, outer: Box) =>
  inner.x >= outer.x - 0.5 &&
  inner.y >= outer.y - 0.5 &&
  inner.x + inner.w <= outer.x + outer.w + 0.5 &&
  inner.y + inner.h <= outer.y + outer.h + 0.5

t.test('nothing lies over anything else, and everything within its VPC and the map', async (t) => {
  for (const id of ['S3', 'S5', 'S5d', 'S6c', 'N5', 'N7', 'N13', 'five VPCs']) {
    const snapshot = id === 'five VPCs' ? fiveVpcs() : await scenarioSnapshot(id)
    const { scene } = sceneFrom(snapshot, 'orders-api', 'internet')
    const whole = { x: 0, y: 0, w: scene.w, h: scene.h }
    for (const { box, head } of scene.vpcs) t.ok(within(box, whole), `${id} ${head.id}`)
    for (const [index, one] of scene.subnets.entries()) {
      const vpc = scene.vpcs.find(({ head }) => head.id === one.vpc)
      t.ok(vpc && within(one.box, vpc.box), `${id} ${one.subnet.id} within its VPC`)
      for (const other of scene.subnets.slice(index + 1))
        t.notOk(overlap(one.box, other.box), `${id} ${one.subnet.id} ${other.subnet.id}`)
    }
    for (const [index, one] of scene.chips.entries()) {
      const subnet = scene.subnets.find((box) => box.subnet.id === one.subnet)
      if (subnet) t.ok(within(one.box, subnet.box), `${id} ${one.id} within its subnet`)
      for (const other of scene.chips.slice(index + 1))
        t.notOk(overlap(one.box, other.box), `${id} ${one.id} ${other.id}`)
    }
  }
})

t.test('a path is drawn from the function to its end, and stops where it is blocked', async (t) => {
  const open = sceneFrom(await scenarioSnapshot('S5'), 'orders-api', 'internet').drawn
  t.equal(open.legs.length, 3, 'function, NAT gateway, internet gateway, internet')
  t.strictSame(open.marks, [])
  const closed = sceneFrom(await scenarioSnapshot('S3'), 'orders-api', 'rds:orders').drawn
  t.match(closed.marks, [{ verdict: 'block', way: 'out', hop: { code: 'ENI_SG_RULES_MISMATCH' } }])
  const back = sceneFrom(await scenarioSnapshot('N1'), 'orders-api', 'internet').drawn
  t.ok(back.marks.some(({ way, verdict }) => way === 'back' && verdict === 'block'))
  t.ok(back.legs.some(({ way }) => way === 'back'))
  const peered = sceneFrom(await scenarioSnapshot('N5'), 'orders-api', 'rds:ledger')
  const link = peered.scene.chips.find(({ kind }) => kind === 'vpc-peering-connection')
  t.ok(link && [...peered.drawn.through].some((key) => key.includes(link.id)), 'through the peering')
})

/** Whether a line passes through the inside of a box. */
function crosses(points: readonly Point[], { x, y, w, h }: Box): boolean {
  return points.slice(1).some((to, index) => {
    const from = points[index] ?? to
    return (
      Math.min(from.x, to.x) < x + w &&
      Math.max(from.x, to.x) > x &&
      Math.min(from.y, to.y) < y + h &&
      Math.max(from.y, to.y) > y
    )
  })
}

t.test('a path through five VPCs runs over nothing that stands on the map, nor over its name', async (t) => {
  for (const [to, legs] of [
    ['internet', 3],
    ['rds:orders', 1],
    ['rds:db-b', 2],
    ['rds:db-c', 2],
    ['rds:db-e', 2],
    ['lb:catalogue-network', 2],
    ['service:s3', 2],
    ['service:secretsmanager', 1],
  ] as const) {
    const { scene, drawn } = sceneFrom(fiveVpcs(), 'orders-api', to)
    t.equal(drawn.legs.length, legs, to)
    for (const { points } of drawn.legs) {
      const ends = [points[0], points.at(-1)]
      for (const { id, box } of scene.chips) t.notOk(crosses(points, box), `${to}: ${id}`)
      for (const { subnet, box } of scene.subnets)
        t.notOk(crosses(points, { ...box, h: 38 }), `${to}: name of ${subnet.id}`)
      for (const { head, box } of scene.vpcs) {
        const isPassed = ends.some((end) => end && within({ ...end, w: 0, h: 0 }, box))
        t.notOk(crosses(points, isPassed ? { ...box, h: 46 } : box), `${to}: ${head.id}`)
      }
    }
  }
})

t.test('a line goes around whatever lies in its way', async (t) => {
  const boxes = fc.uniqueArray(fc.record({ column: fc.nat(5), row: fc.nat(9) }), {
    selector: ({ column, row }) => `${column} ${row}`,
    minLength: 2,
    maxLength: 60,
  })
  fc.assert(
    fc.property(boxes, (places) => {
      const all = places.map(({ column, row }) => ({ x: column * 60, y: row * 30, w: 40, h: 18 }))
      const [from, to, ...others] = all
      if (from === undefined || to === undefined) return false
      const points = routed(from, to, others)
      const [first, last] = [points?.[0], points?.at(-1)]
      return (
        points !== null &&
        first?.y === from.y + 9 &&
        last?.y === to.y + 9 &&
        !all.some((box) => crosses(points, box))
      )
    }),
  )
  const walled = [-20, 40].flatMap((x) => [{ x, y: -50, w: 10, h: 118 }])
  const lid = [-60, 58].map((y) => ({ x: -20, y, w: 70, h: 12 }))
  t.equal(routed({ x: 0, y: 0, w: 30, h: 18 }, { x: 200, y: 0, w: 30, h: 18 }, [...walled, ...lid]), null)
})

t.test('addresses in ranges, and texts that fit', async (t) => {
  t.ok(holds('10.0.21.0/24', '10.0.21.20'))
  t.notOk(holds('10.0.21.0/24', '10.0.22.20'))
  t.ok(holds('0.0.0.0/0', '203.0.113.9'))
  t.notOk(holds('10.0.0.0/8', 'not an address'))
  t.notOk(holds('fd00::/8', '10.0.0.1'))
  const widthOf = (text: string) => [...text].length * 7
  t.equal(fitted('orders', 42, widthOf), 'orders')
  t.equal(fitted('a'.repeat(40), 70, widthOf), `${'a'.repeat(9)}…`)
  t.equal(fitted('\u{1f600}'.repeat(40), 21, widthOf), '\u{1f600}\u{1f600}…', 'no half letters')
  t.equal(fitted('pcx-0123456789abcdef0', 70, widthOf), 'pcx-…cdef0', 'what tells an id from others stays')
  t.equal(fitted('orders', 0, widthOf), '…')
})
