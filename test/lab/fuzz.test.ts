import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { buildModel } from '../../api/network/model.js'
import { readSnapshot } from '../../api/snapshot/read.js'
import type { Draft } from '../../infra/lab/fuzz/draft.js'
import { disagreement, type FuzzFlow, fuzz } from '../../infra/lab/fuzz/fuzz.js'
import { generate } from '../../infra/lab/fuzz/generate.js'
import { asSnapshot, print } from '../../infra/lab/fuzz/print.js'
import { randomOf } from '../../infra/lab/fuzz/random.js'
import { shrink } from '../../infra/lab/fuzz/shrink.js'
import { buildLab, labFor, labMissing } from './support.js'

const SEED = 1
const FLOWS = 1200

/** Networks in which trace and kernel once said different things, each as small as it could be made. */
const REGRESSIONS = join(process.cwd(), 'test/lab/regressions')

t.test(
  'interface endpoints are drawn with private DNS and without, in one zone and in several',
  async (t) => {
    const all = Array.from({ length: 30 }, (_, seed) => generate(randomOf(seed))).flatMap(
      ({ interfaceEndpoints }) => interfaceEndpoints,
    )
    t.same([...new Set(all.map(({ privateDns }) => privateDns))].sort(), [false, true])
    t.same([...new Set(all.map(({ enis }) => enis.length))].sort(), [1, 2])
  },
)

t.test('load balancers of every kind are drawn, with targets that see them or their clients', async (t) => {
  const all = Array.from({ length: 60 }, (_, seed) => generate(randomOf(seed))).flatMap(
    ({ balancers }) => balancers,
  )
  const kinds = all.map(({ listener, preserves }) => `${listener.protocol}${preserves ? ' preserved' : ''}`)
  t.same([...new Set(kinds)].sort(), ['HTTP', 'TCP', 'TCP preserved', 'TCP_UDP preserved', 'UDP preserved'])
  t.same([...new Set(all.map(({ enis }) => enis.length))].sort(), [1, 2])
})

t.test('shrinking keeps what it is asked to keep, and leaves a network that can still be read', async (t) => {
  const draft = generate(randomOf(SEED))
  const [kept] = draft.enis
  const smallest = await shrink(draft, async ({ enis }: Draft) => enis.some(({ id }) => id === kept?.id))
  t.same(
    smallest.enis.map(({ id }) => id),
    [kept?.id],
    'one interface',
  )
  t.equal(smallest.vpcs.length, 1, 'one VPC')
  t.equal(smallest.subnets.length, 1, 'one subnet')
  t.same(
    smallest.groups.map(({ ingress, egress }) => [...ingress, ...egress]),
    smallest.groups.map(() => []),
    'no rule',
  )
  t.same(buildModel(asSnapshot(print(smallest))).problems, [], 'as AWS would print it')
})

const missing = labMissing()
if (missing !== null) t.test('packets', { skip: missing }, async () => {})
else {
  const program = await buildLab(t)
  t.test(`seed ${SEED}: the trace says what the kernel does`, async (t) => {
    const lab = await labFor(t, program)
    const tally = await fuzz(lab, { seed: SEED, count: FLOWS, perNetwork: 400 })
    t.comment(`${tally.networks} networks, ${tally.reachable} reachable, ${tally.unreachable} unreachable`)
    t.ok(tally.reachable > 0 && tally.unreachable > 0, 'both happen')
    t.ok(tally.byName > 0, 'services are reached by their names')
    t.ok(tally.balanced > 0, 'and targets by their load balancers')
    for (const { seed, flow, trace, codes, tracedAs, kernel } of tally.disagreements)
      t.fail(`seed ${seed}: ${JSON.stringify(flow)}`, { trace, codes, tracedAs, kernel })
  })
  t.test('networks in which they once differed', async (t) => {
    const lab = await labFor(t, program)
    for (const name of readdirSync(REGRESSIONS)) {
      const { snapshot } = await readSnapshot(join(REGRESSIONS, name, 'snapshot'))
      const { flow }: { flow: FuzzFlow } = JSON.parse(
        readFileSync(join(REGRESSIONS, name, 'flow.json'), 'utf8'),
      )
      t.equal(await disagreement(lab, snapshot, flow), null, name)
    }
  })
}
