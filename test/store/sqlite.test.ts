import { mkdtemp, stat } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { openDb } from '../../api/store/sqlite/db.js'
import { MIGRATIONS, migrate } from '../../api/store/sqlite/schema.js'
import { FILE_NAME, openSqliteStore } from '../../api/store/sqlite/store.js'
import { NewerSchema } from '../../api/store/store.js'
import { conformance } from './conformance.js'
import { dumpStore } from './support/dump.js'
import { batchOf, DAY, MINUTE, OPTIONS, T0 } from './support/open.js'
import { makeReport } from './support/reports.js'

t.test('SQLite keeps what every engine must keep', (t) =>
  conformance(t, (options) => openSqliteStore(':memory:', options)),
)

t.test('a folder is made, and found again as it was left', async (t) => {
  const dir = join(t.testdir(), 'deep/er')
  const first = await openSqliteStore(dir, OPTIONS)
  await first.ingest(batchOf([makeReport({ at: T0 })], { checkpoint: 'here' }))
  const told = await dumpStore(first, new Date(T0 + DAY))
  await first.close()
  t.equal(
    (await stat(join(dir, `${FILE_NAME}-wal`)).catch(() => null))?.size ?? 0,
    0,
    'closing leaves one whole file',
  )
  const second = await openSqliteStore(dir, OPTIONS)
  t.teardown(() => second.close())
  t.same(await dumpStore(second, new Date(T0 + DAY)), told)
  t.equal(await second.checkpoint('test'), 'here')
})

t.test('two writers of one folder do not undo each other', async (t) => {
  const dir = t.testdir()
  const [one, two] = [await openSqliteStore(dir, OPTIONS), await openSqliteStore(dir, OPTIONS)]
  const whole = await openSqliteStore(':memory:', OPTIONS)
  t.teardown(() => Promise.all([one.close(), two.close(), whole.close()]))
  for (let n = 0; n < 40; n += 1) {
    const batch = batchOf([makeReport({ at: T0 + ((n * 7) % 40) * 11 * MINUTE })], {
      receivedAt: new Date(T0 + DAY),
    })
    await (n % 2 === 0 ? one : two).ingest(batch)
    await whole.ingest(batch)
  }
  const now = new Date(T0 + DAY)
  t.same(await dumpStore(one, now), await dumpStore(whole, now))
  t.same(await dumpStore(two, now), await dumpStore(whole, now))
})

t.test('an older file is brought forward, each step once', async (t) => {
  const file = join(t.testdir(), FILE_NAME)
  const steps = [
    ...MIGRATIONS,
    'CREATE TABLE extra (x); INSERT INTO extra VALUES (1)',
    'INSERT INTO extra VALUES (2)',
  ]
  for (const known of [MIGRATIONS.length, MIGRATIONS.length + 1, steps.length, steps.length]) {
    const db = openDb(file)
    migrate(db, file, steps.slice(0, known))
    db.close()
  }
  const db = openDb(file)
  t.same(
    db
      .prepare<{ x: number }>('SELECT x FROM extra')
      .all()
      .map(({ x }) => x),
    [1, 2],
  )
  db.close()
})

t.test('functions of an older file keep their names, and learn where they live', async (t) => {
  const dir = t.testdir()
  const file = join(dir, FILE_NAME)
  const db = openDb(file)
  migrate(db, file, MIGRATIONS.slice(0, 1))
  db.exec(`INSERT INTO standpoints VALUES (1, 'k', '123456789012', 'eu-west-1', 'subnet-1', '["sg-1"]');
    INSERT INTO functions VALUES (1, 'orders', 0, NULL, NULL, NULL, 0, 'unknown');
    INSERT INTO function_links VALUES (1, 1)`)
  db.close()
  const store = await openSqliteStore(dir, OPTIONS)
  t.teardown(() => store.close())
  await store.ingest(batchOf([makeReport({ at: T0, probe: { region: 'eu-north-1' } })]))
  const { items } = await store.listFunctions({ now: new Date(T0), limit: 9 })
  t.same(
    items.map(({ name }) => name),
    ['eu-north-1', 'eu-west-1'].map((region) => `arn:aws:lambda:${region}:123456789012:function:orders`),
  )
})

t.test('a step that fails leaves the older version whole', async (t) => {
  const file = join(t.testdir(), FILE_NAME)
  const db = openDb(file)
  t.teardown(() => db.close())
  migrate(db, file)
  t.throws(() => migrate(db, file, [...MIGRATIONS, 'CREATE TABLE half (x)', 'no SQL at all']))
  t.same(db.prepare("SELECT name FROM sqlite_master WHERE name = 'half'").all(), [])
  t.doesNotThrow(() => migrate(db, file))
})

t.test('a file of a newer program is refused, with both versions, and left alone', async (t) => {
  const dir = await mkdtemp(join(t.testdir(), 'data-'))
  const store = await openSqliteStore(dir, OPTIONS)
  await store.close()
  const db = openDb(join(dir, FILE_NAME))
  db.exec('PRAGMA user_version = 7')
  db.close()
  const failure = await openSqliteStore(dir, OPTIONS).then(
    () => null,
    (error: unknown) => error,
  )
  t.type(failure, NewerSchema)
  t.match(failure, {
    message: new RegExp(`version 7, and this program knows versions up to ${MIGRATIONS.length}`),
  })
})
