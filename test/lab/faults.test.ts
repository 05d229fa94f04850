import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { undoPatches } from '../../api/diagnosis/apply.js'
import { investigate } from '../../api/diagnosis/investigate.js'
import { ask, questionOf, rehearse } from '../../api/diagnosis/rehearse.js'
import type { Snapshot } from '../../api/network/snapshot.js'
import { readSnapshot } from '../../api/snapshot/read.js'
import { applicable, FAULTS, faultKind, inject } from '../../infra/lab/faults/catalogue.js'
import type { FaultSite } from '../../infra/lab/faults/fault.js'
import { asSnapshot, print } from '../../infra/lab/fuzz/print.js'
import { randomOf } from '../../infra/lab/fuzz/random.js'
import type { LabFlow } from '../../infra/lab/plan.js'
import { readScenario } from '../../infra/lab/scenario.js'
import { topologyOf } from '../../infra/lab/score/topologies.js'

const DATA = join(process.cwd(), 'test/scenarios/data')

interface Ground {
  readonly name: string
  readonly flow: LabFlow
  readonly snapshot: Snapshot
}

/** Networks of a score: no scenario has the targets of a load balancer in another VPC. */
const SEEDS = 12
const BALANCED = (['application-balancer', 'network-balancer'] as const).flatMap((family) =>
  Array.from({ length: SEEDS }, (_, seed): readonly Ground[] => {
    const { draft, flows } = topologyOf(randomOf(seed), family)
    const snapshot = asSnapshot(print(draft))
    return flows.map((flow) => ({ name: `${family} of seed ${seed}`, flow, snapshot }))
  }).flat(),
)

/** Every scenario's network as it is when its flow works: as it stands, or with Sonde's fix. */
async function grounds(): Promise<readonly Ground[]> {
  const names = readdirSync(DATA).filter((name) => existsSync(join(DATA, name, 'expected.json')))
  const all = await Promise.all(
    names.map(async (name): Promise<readonly Ground[]> => {
      const { snapshot } = await readSnapshot(join(DATA, name, 'snapshot'))
      return readScenario(join(DATA, name)).flows.flatMap((flow) => {
        const question = questionOf(flow)
        const [fix] = investigate({ snapshot, question, result: null }).fixes
        const changed = fix === undefined ? snapshot : rehearse(snapshot, fix.changes, question).snapshot
        return ask(changed, question).verdict === 'reachable' ? [{ name, flow, snapshot: changed }] : []
      })
    }),
  )
  return all.flat()
}

/** A few of each kind are enough; a kind is known by its id. */
function someOfEach(
  all: readonly Ground[],
): ReadonlyMap<string, readonly { ground: Ground; site: FaultSite }[]> {
  const found = new Map<string, { ground: Ground; site: FaultSite }[]>()
  for (const ground of all) {
    for (const site of applicable(ground.snapshot, ground.flow)) {
      const own = found.get(site.fault) ?? []
      if (own.length < 3) found.set(site.fault, [...own, { ground, site }])
    }
  }
  return found
}

const found = someOfEach([...(await grounds()), ...BALANCED])

t.test('the catalogue', async (t) => {
  t.ok(FAULTS.length >= 35, `${FAULTS.length} kinds`)
  t.equal(new Set(FAULTS.map(({ id }) => id)).size, FAULTS.length, 'each with an id of its own')
  for (const { id, title, description } of FAULTS) {
    for (const text of [title, description]) {
      t.match(text.ko, /[가-힣]/, `${id} speaks Korean`)
      t.not(text.en, '', `${id} speaks English`)
    }
  }
  t.equal(faultKind('no-such-fault'), undefined)
})

for (const kind of FAULTS) {
  t.test(kind.id, async (t) => {
    const sites = found.get(kind.id) ?? []
    t.ok(sites.length > 0, 'is applicable somewhere')
    for (const { ground, site } of sites) {
      const before = JSON.stringify(ground.snapshot)
      const { snapshot, patches } = inject(ground.snapshot, site)
      t.ok(JSON.stringify(ground.snapshot) === before, `${ground.name}: the given snapshot stays as it is`)
      if (Object.keys(site.hosts).length > 0) continue
      t.ok(JSON.stringify(snapshot) !== before, `${ground.name}: the documents change`)
      const undone = undoPatches(snapshot, patches)
      t.same(byFile(undone), byFile(ground.snapshot), `${ground.name}: taken out, all is as it was`)
    }
  })
}

t.test('faults of load balancers are named first, by packets that came back or not', async (t) => {
  const seen = { 'listener-removed': 'connect_timeout', 'balanced-rule-missing': 'http_status' } as const
  for (const [id, outcome] of Object.entries(seen)) {
    const [one] = found.get(id) ?? []
    if (one === undefined) {
      t.fail(`no site of ${id}`)
      continue
    }
    const { snapshot } = inject(one.ground.snapshot, one.site)
    const endedIn = outcome === 'http_status' ? 'exchange' : 'connect'
    const result = { outcome, endedIn, kind: 'http', detail: { httpStatus: 504 } }
    const { kind, cause } = investigate({ snapshot, question: questionOf(one.ground.flow), result })
    t.equal(kind, 'proven', id)
    const { code, component } = one.site.expected
    t.same(cause, { code, component }, id)
  }
})

t.test('a site of another network is refused', async (t) => {
  const [first] = found.get('target-rule-missing') ?? []
  if (first === undefined) {
    t.fail('no site')
    return
  }
  const site = { ...first.site, component: 'sg-00000000000000000' }
  t.throws(() => inject(first.ground.snapshot, site), { name: 'ChangeError' })
  t.throws(() => inject(first.ground.snapshot, { ...site, fault: 'no-such-fault' }), { name: 'RangeError' })
})

/** Lists may change their order when an object is taken away and put back. */
function byFile(snapshot: Snapshot): Readonly<Record<string, readonly string[]>> {
  return Object.fromEntries(
    snapshot.documents.map(({ file, body }) => [
      file,
      Object.values(body ?? {})
        .flatMap((value): readonly unknown[] => (Array.isArray(value) ? value : [value]))
        .map((one) => JSON.stringify(one))
        .sort(),
    ]),
  )
}
