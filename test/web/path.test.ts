import { join } from 'node:path'
import t from 'tap'
import { buildModel } from '../../api/network/model.js'
import type { SubnetTrace } from '../../api/network/path.js'
import { parseDestination, parseSource } from '../../api/network/selectors.js'
import { trace } from '../../api/network/trace.js'
import { readSnapshot } from '../../api/snapshot/read.js'
import { alignWays, shortId, telling } from '../../api/web/ui/path/align.js'

const DATA = join(process.cwd(), 'test/scenarios/data')

async function traced(scenario: string, to: string, port: number): Promise<SubnetTrace> {
  const { snapshot } = await readSnapshot(join(DATA, scenario, 'snapshot'))
  const { destination } = parseDestination(to, port)
  return trace(buildModel(snapshot).model, parseSource('orders-api'), destination, { protocol: 'tcp', port })
}

t.test('the way back stands under the way out, each component in one column', async (t) => {
  const path = await traced('S5', 'internet', 443)
  const stations = alignWays(path)
  t.equal(
    stations.filter(({ out }) => out !== null).length,
    path.hops.length,
    'no hop of the way out is lost',
  )
  t.equal(stations.filter(({ back }) => back !== null).length, path.returnHops.length, 'nor of the way back')
  t.same(
    stations.flatMap(({ back }) => back ?? []).reverse(),
    path.returnHops,
    'which is read from right to left',
  )
  for (const kind of ['lambda', 'nat-gateway', 'internet-gateway']) {
    const column = stations.find(({ out }) => out?.kind === kind)
    t.equal(column?.back?.component, column?.out?.component, `${kind} is one column`)
  }
  t.same(telling(stations), { index: stations.length - 1, way: 'out' })
})

t.test('a target’s security group stands before it, and what blocks is told first', async (t) => {
  const stations = alignWays(await traced('S3', 'rds:orders', 5432))
  const kinds = stations.flatMap(({ out }) => out?.kind ?? [])
  t.same(kinds.slice(-2), ['security-group', 'target'])
  t.same(telling(stations), { index: stations.length - 2, way: 'out' })
})

t.test('an id is shortened where it is an AWS id, and nowhere else', async (t) => {
  t.equal(shortId('sg-0a1b2c3d4e5f67890'), 'sg-…67890')
  t.equal(shortId('orders-api'), 'orders-api')
  t.equal(shortId('198.51.100.80'), '198.51.100.80')
})
