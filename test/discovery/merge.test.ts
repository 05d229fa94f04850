import fc from 'fast-check'
import t from 'tap'
import { Document } from 'yaml'
import { changedPlanText, newPlanText } from '../../api/discovery/edit.js'
import { type MergeInput, mergePlans, nextBase } from '../../api/discovery/merge.js'
import { readPlanDocument, readPlanFile } from '../../api/discovery/plan-file.js'
import type { PlanFile, PosturePlan } from '../../api/discovery/plan-file.schema.js'

const SEED = 20_260_131
t.comment(`fast-check seed ${SEED}`)

const tcp = (name: string, port = 5432) => ({ name, kind: 'tcp' as const, host: 'db.internal', port })
const posture = (id: string, more: Partial<PosturePlan> = {}): PosturePlan => ({
  id,
  region: 'eu-west-1',
  vpc: 'vpc-1',
  subnets: ['subnet-a'],
  securityGroups: ['sg-1'],
  functions: ['orders'],
  plan: { version: 1, checks: [tcp('rds:orders')] },
  ...more,
})
const fileOf = (...postures: PosturePlan[]): PlanFile => ({ version: 1, postures })
const withChecks = (...checks: object[]) => fileOf(posture('p', { plan: { version: 1, checks } }))

const merge = (base: PlanFile | null, mine: PlanFile, theirs: PlanFile, more: Partial<MergeInput> = {}) =>
  mergePlans({ base, mine, theirs, covers: () => true, isUncertain: () => false, ...more })

const CASES: readonly [
  name: string,
  base: object[] | null,
  mine: object[],
  theirs: object[],
  changes: string[],
  kept: string[],
][] = [
  ['nothing new', [tcp('a')], [tcp('a')], [tcp('a')], [], []],
  ['found anew', [tcp('a')], [tcp('a')], [tcp('a'), tcp('b')], ['add-check b'], []],
  ['moved', [tcp('a')], [tcp('a')], [tcp('a', 1)], ['change-check a'], []],
  ['gone', [tcp('a'), tcp('b')], [tcp('a'), tcp('b')], [tcp('a')], ['remove-check b'], []],
  ['edited, not moved', [tcp('a')], [tcp('a', 9)], [tcp('a')], [], []],
  ['edited and moved', [tcp('a')], [tcp('a', 9)], [tcp('a', 1)], [], ['check a']],
  ['edited as it moved', [tcp('a')], [tcp('a', 1)], [tcp('a', 1)], [], []],
  ['edited and gone', [tcp('a'), tcp('b')], [tcp('a'), tcp('b', 9)], [tcp('a')], [], ['check b']],
  ['taken out', [tcp('a'), tcp('b')], [tcp('a')], [tcp('a'), tcp('b')], [], ['check b']],
  ['taken out and gone', [tcp('a'), tcp('b')], [tcp('a')], [tcp('a')], [], []],
  ['added by hand', [tcp('a')], [tcp('a'), tcp('own')], [tcp('a')], [], []],
  [
    'nobody knows what was generated',
    null,
    [tcp('a', 9), tcp('own')],
    [tcp('a'), tcp('b')],
    ['add-check b'],
    ['check a'],
  ],
  ['the last one gone', [tcp('a')], [tcp('a')], [tcp('b')], ['add-check b', 'remove-check a'], []],
  [
    'only what was taken out is left',
    [tcp('a'), tcp('b')],
    [tcp('a')],
    [tcp('b')],
    [],
    ['check b', 'its checks'],
  ],
]

for (const [name, base, mine, theirs, changes, kept] of CASES) {
  t.test(`checks: ${name}`, async (t) => {
    const done = merge(base && withChecks(...base), withChecks(...mine), withChecks(...theirs))
    const words = done.changes.map(
      (one) => `${one.kind} ${'check' in one ? one.check.name : 'name' in one ? one.name : ''}`,
    )
    t.same(words, changes)
    t.same(
      done.kept.map(({ what }) => what),
      kept,
    )
  })
}

t.test('postures, functions and fields', async (t) => {
  const p = (more: Partial<PosturePlan> = {}) => fileOf(posture('p', more))
  const kinds = (one: ReturnType<typeof merge>) => one.changes.map(({ kind }) => kind)
  t.same(kinds(merge(p(), p(), fileOf(posture('p'), posture('q')))), ['add-posture'])
  t.same(kinds(merge(p(), p(), fileOf())), ['remove-posture'])
  t.match(merge(p(), p({ everyMinutes: 1 }), fileOf()), { changes: [], kept: [{ what: 'the posture' }] })
  t.match(merge(p(), fileOf(), p()), { changes: [], kept: [{ why: /taken out by hand/ }] })
  t.same(merge(fileOf(), p(), fileOf()), { changes: [], kept: [] }, 'made by hand')
  t.same(merge(p(), p(), fileOf(), { covers: () => false }), { changes: [], kept: [] }, 'of another region')
  t.match(merge(p(), p(), p({ ipv6: true })).changes, [{ kind: 'set', field: 'ipv6', value: true }])
  t.match(merge(p({ ipv6: true }), p({ ipv6: true }), p()).changes, [
    { kind: 'set', field: 'ipv6', value: undefined },
  ])
  t.match(merge(p(), p({ account: '111122223333' }), p({ account: '444455556666' })), {
    changes: [],
    kept: [{ what: 'account' }],
  })
  t.same(kinds(merge(p(), p(), p({ functions: ['billing'] }))), ['remove-function', 'add-function'])
  t.same(merge(p(), p({ functions: ['orders', 'mine'], enabled: false, everyMinutes: 1 }), p()), {
    changes: [],
    kept: [],
  })
  t.match(merge(p(), p({ functions: [] }), p()), { changes: [], kept: [{ what: 'function orders' }] })
})

t.test('what could not be asked is left, and remembered', async (t) => {
  const uncertain = { isUncertain: (name: string) => name.startsWith('rds:') }
  const before = withChecks(tcp('rds:orders'), tcp('internet'))
  const now = withChecks(tcp('internet'))
  t.same(merge(before, before, now, uncertain), { changes: [], kept: [] })
  const base = nextBase({ base: before, theirs: now, covers: () => true, ...uncertain })
  t.same(
    merge(base, before, now).changes.map(({ kind }) => kind),
    ['remove-check'],
    'once it is known to be gone',
  )
  const elsewhere = nextBase({
    base: fileOf(posture('far')),
    theirs: now,
    covers: () => false,
    isUncertain: () => false,
  })
  t.same(
    elsewhere.postures.map(({ id }) => id),
    ['p', 'far'],
  )
})

const HAND = `# ours, not yours
version: 1
everyMinutes: 1 # each minute

postures:
  # the shop
  - id: p
    region: eu-west-1
    vpc: vpc-1
    subnets: [ subnet-a ]
    securityGroups: [ sg-1 ]
    functions:
      - orders # the old one
    enabled: true
    plan:
      version: 1
      timeoutMs: 500
      checks:
        # the main database
        - name: rds:orders
          kind: tcp
          host: 'db.internal' # stays
          port: 5432
        - { name: own, kind: tcp, host: 10.0.0.9, port: 22, expect: unreachable } # segmentation
`

t.test('an edit touches what it changes; comments, order and quotes stay', async (t) => {
  const { value, document } = readPlanDocument(HAND, 'x')
  const base = fileOf(posture('p'))
  const theirs = fileOf(
    posture('p', {
      functions: ['orders', 'billing'],
      ipv6: true,
      plan: { version: 1, checks: [{ ...tcp('rds:orders', 6432), kind: 'tls' }, tcp('service:sqs')] },
    }),
    posture('q', { subnets: ['subnet-a', 'subnet-b'] }),
  )
  const { changes } = merge(base, value, theirs)
  const text = changedPlanText(document, changes)
  t.equal(
    text,
    HAND.replace('      - orders # the old one\n', '      - orders # the old one\n      - billing\n')
      .replace('kind: tcp\n', 'kind: tls\n')
      .replace('port: 5432\n', 'port: 6432\n')
      .replace(
        '# segmentation\n',
        '# segmentation\n        - name: service:sqs\n          kind: tcp\n          host: db.internal\n          port: 5432\n    ipv6: true\n',
      ) +
      `  - id: q
    region: eu-west-1
    vpc: vpc-1
    subnets: [ subnet-a, subnet-b ]
    securityGroups: [ sg-1 ]
    functions:
      - orders
    plan:
      version: 1
      checks:
        - name: rds:orders
          kind: tcp
          host: db.internal
          port: 5432
`,
  )
})

t.test('after the changes the file is as discovery sees it, but for what a person did', async () => {
  const check = fc
    .tuple(fc.constantFrom('a', 'b', 'c', 'd'), fc.integer({ min: 1, max: 3 }))
    .map(([name, port]) => tcp(name, port))
  const checks = fc.uniqueArray(check, { selector: ({ name }) => name, minLength: 1, maxLength: 4 })
  const onePosture = fc
    .record({
      id: fc.constantFrom('p', 'q', 'r'),
      checks,
      functions: fc.uniqueArray(fc.constantFrom('f', 'g', 'h')),
    })
    .map(({ id, checks, functions }) => posture(id, { functions, plan: { version: 1, checks } }))
  const file = fc
    .uniqueArray(onePosture, { selector: ({ id }) => id, maxLength: 3 })
    .map((postures) => fileOf(...postures))
  fc.assert(
    fc.property(file, file, file, (base, mine, theirs) => {
      const { document } = readPlanDocument(newPlanText(new Document(), mine), 'x')
      const after = readPlanFile(changedPlanText(document, merge(base, mine, theirs).changes), 'x')
      // Once more, nothing is left to change.
      const again = merge(
        nextBase({ base, theirs, covers: () => true, isUncertain: () => false }),
        after,
        theirs,
      )
      if (again.changes.length > 0) return false
      // What nobody touched is exactly what discovery sees.
      const untouched = readPlanDocument(newPlanText(new Document(), base), 'x')
      const followed = readPlanFile(
        changedPlanText(untouched.document, merge(base, base, theirs).changes),
        'x',
      )
      return same(followed, theirs)
    }),
    { seed: SEED, numRuns: 300 },
  )
})

function same(a: PlanFile, b: PlanFile): boolean {
  const shape = ({ postures }: PlanFile) =>
    JSON.stringify(
      postures
        .map(({ id, functions, plan }) => [
          id,
          [...functions].sort(),
          (plan.checks as { name: string }[]).toSorted((x, y) => (x.name < y.name ? -1 : 1)),
        ])
        .sort((x, y) => (String(x[0]) < String(y[0]) ? -1 : 1)),
    )
  return shape(a) === shape(b)
}
