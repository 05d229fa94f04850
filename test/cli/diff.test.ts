import { join } from 'node:path'
import t from 'tap'
import { registerDiff } from '../../api/cli/diff.js'
import { ordersFiles, writeFiles } from './orders-snapshot.js'
import { run } from './run.js'

const diff = (...args: readonly string[]) => run(registerDiff, ['diff', ...args])

const root = t.testdir({})
const before = await writeFiles(join(root, 'before'), ordersFiles())
const after = await writeFiles(
  join(root, 'after'),
  ordersFiles({
    admitted: false,
    defaultRoute: null,
    takenAt: '2026-01-03T00:00:00Z',
    databaseIds: ['orders-db', 'second'],
  }),
)

t.test('the same snapshot: nothing changed, exit 0', async (t) => {
  const { code, stdout, stderr } = await diff(before, before)
  t.equal(stderr, '')
  t.equal(code, 0)
  t.match(stdout, /^0 of 4 paths changed, of 1 functions in both/)
})

t.test('what changed, as JSON, exit 1', async (t) => {
  const { code, stdout } = await diff(before, after, '--json')
  t.equal(code, 1)
  const result = JSON.parse(stdout)
  t.match(result, {
    version: 1,
    before: { takenAt: '2026-01-02T03:04:05.000Z' },
    after: { takenAt: '2026-01-03T00:00:00.000Z' },
    functions: { added: [], removed: [], compared: 1 },
    omitted: [],
  })
  const byTarget = new Map<string, { changed: string[] }>(
    result.changes.map((one: { to: string }) => [one.to, one]),
  )
  t.match(byTarget.get('internet'), {
    before: { verdict: 'reachable', seenAs: '203.0.113.7' },
    after: { verdict: 'unreachable' },
  })
  t.ok(byTarget.get('internet')?.changed.includes('verdict'))
  t.match(byTarget.get('rds:orders-db'), { after: { blockers: [{ component: 'sg-0d' }] } })
  t.match(byTarget.get('rds:second'), { changed: ['appeared'], before: null })
  t.equal((await diff(before, after, '--json')).stdout, stdout, 'the same every time')
})

t.test('the way back', async (t) => {
  const { code, stdout } = await diff(after, before)
  t.equal(code, 1)
  t.match(stdout, /rds:orders-db: unreachable → reachable/)
  t.match(stdout, /rds:second: unreachable → not there/)
  t.match(stdout, /- .*sg-0d/)
})

t.test('functions that came and went', async (t) => {
  const none = await writeFiles(join(root, 'none'), {
    ...ordersFiles(),
    'list-functions.json': { Functions: [] },
  })
  const added = await diff(none, before)
  t.equal(added.code, 1)
  t.match(added.stdout, /^\+ arn:aws:lambda:eu-west-1:111122223333:function:orders\n/)
  t.match((await diff(before, none)).stdout, /^- arn:aws:lambda/)
})

t.test('many databases are bounded, and it is said', async (t) => {
  const databaseIds = Array.from({ length: 60 }, (_, index) => `db-${index}`)
  const many = await writeFiles(join(root, 'many'), ordersFiles({ databaseIds }))
  const { stdout, code } = await diff(many, many)
  t.equal(code, 0)
  t.match(stdout, /10 more databases were\s+left out/)
})

t.test('bad input: exit 2', async (t) => {
  const { code, stderr } = await diff(before, join(root, 'nowhere'))
  t.equal(code, 2)
  t.match(stderr, /^sonde diff: .*nowhere: no such file or folder\n$/)
})
