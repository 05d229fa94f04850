import t from 'tap'
import { parseFlow } from '../../api/network/flow-text.js'
import { networkOverview, vpcMap } from '../../api/network/map/map.js'
import { nameTags } from '../../api/network/map/names.js'
import { buildModel } from '../../api/network/model.js'
import type { Snapshot } from '../../api/network/snapshot.js'
import { trace } from '../../api/network/trace.js'
import { type Box, fitted, holds } from '../../api/web/pages/map/geometry.js'
import { drawPath, extraEnds } from '../../api/web/pages/map/path.js'
import { sceneOf } from '../../api/web/pages/map/scene.js'
import { scenarioSnapshot } from '../support/snapshots.js'

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
  for (const id of ['S3', 'S5', 'S5d', 'S6c', 'N5', 'N7', 'N13']) {
    const { scene } = sceneFrom(await scenarioSnapshot(id), 'orders-api', 'internet')
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

t.test('addresses in ranges, and texts that fit', async (t) => {
  t.ok(holds('10.0.21.0/24', '10.0.21.20'))
  t.notOk(holds('10.0.21.0/24', '10.0.22.20'))
  t.ok(holds('0.0.0.0/0', '203.0.113.9'))
  t.notOk(holds('10.0.0.0/8', 'not an address'))
  t.notOk(holds('fd00::/8', '10.0.0.1'))
  t.equal(fitted('orders', 100, 7), 'orders')
  t.equal(fitted('a'.repeat(40), 70, 7), `${'a'.repeat(9)}…`)
  t.equal(fitted('가'.repeat(10), 70, 7).length, 5, 'Hangul is wider')
})
