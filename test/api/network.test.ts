import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import t, { type Test } from 'tap'
import { followSnapshot, keepDiagnosed } from '../../api/companions-network.js'
import { createDiagnoser } from '../../api/diagnoser.js'
import { DEFAULT_POLICY } from '../../api/health/health.js'
import type { Snapshot } from '../../api/network/snapshot.js'
import { openNetworkState } from '../../api/network-state.js'
import { openSnapshotVersions } from '../../api/snapshot/versions.js'
import { openSqliteStore } from '../../api/store/sqlite/store.js'
import { DEFAULT_RETENTION } from '../../api/store/store.js'
import { watchStore } from '../../api/watched-store.js'
import type { Outcome } from '../../probe/outcome.js'
import type { Result } from '../../probe/report.schema.js'
import { report, result, startApi } from '../support/api.js'
import { filesOf, scenarioSnapshot as load } from '../support/snapshots.js'

const DATA = join(process.cwd(), 'test/scenarios/data')
const SUBNET = 'subnet-00000000000000a11'
const GROUP = 'sg-000000000000000f1'
const silent = pino({ level: 'silent' })

async function folder(t: Test): Promise<string> {
  const made = await mkdtemp(join(tmpdir(), 'sonde-network-'))
  t.teardown(() => rm(made, { recursive: true, force: true }))
  return made
}

async function until(what: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await what())) await new Promise((resolve) => setTimeout(resolve, 50))
}

/** A report of the scenarios' function from one of its subnets. */
function ordersReport(run: string, at: Date, outcome: string, more: Partial<Result> = {}) {
  const told = report({
    run,
    at,
    subnet: SUBNET,
    workloads: ['orders-api'],
    results: [
      result('orders-db', outcome, {
        kind: 'postgres',
        target: 'orders.c1x2y3z4.ap-northeast-2.rds.amazonaws.com:5432',
        address: '10.0.21.20',
        ...more,
      }),
    ],
  })
  return { ...told, probe: { ...told.probe, securityGroups: [GROUP] } }
}

t.test(
  'versions are kept up to a number, the same answers make no new one, and secrets are not kept',
  async (t) => {
    const versions = await openSnapshotVersions(await folder(t), 2)
    const [s2, s3, s4] = [await load('S2'), await load('S3'), await load('S4')]
    const at = (second: number) => new Date(Date.UTC(2026, 0, 8, 0, 0, second))
    const first = await versions.add({ ...s2, takenAt: null }, at(1))
    t.ok(first.isNew)
    t.equal(first.version.takenAt, '2026-01-08T00:00:01.000Z')
    const [again, alsoAgain] = await Promise.all([
      versions.add({ ...s2, takenAt: null }, at(2)),
      versions.add({ ...s2, takenAt: null }, at(3)),
    ])
    t.notOk(again.isNew || alsoAgain.isNew, 'nothing changed')
    await versions.add({ ...s3, takenAt: null }, at(4))
    const last = await versions.add({ ...s4, takenAt: null }, at(5))
    const kept = await versions.list()
    t.equal(kept.length, 2, 'the oldest is gone')
    t.equal(kept.at(-1)?.id, last.version.id)
    t.equal(await versions.read(first.version.id), null)
    t.equal(await versions.read('../../etc'), null, 'a name that is no id is no path')

    const secret = 'hunter2-secret'
    const leaky: Snapshot = {
      ...s4,
      takenAt: null,
      documents: [
        ...s4.documents.filter(({ call }) => call !== 'list-functions'),
        {
          file: 'list-functions.json',
          scope: '',
          call: 'list-functions',
          key: '',
          body: { Functions: [{ FunctionName: 'f', Environment: { Variables: { PASSWORD: secret } } }] },
        },
      ],
    }
    const added = await versions.add(leaky, at(6))
    const read = await versions.read(added.version.id)
    t.ok(read)
    t.notMatch(JSON.stringify(read?.snapshot), secret)
  },
)

t.test('a restart finds the newest version again', async (t) => {
  const dir = await folder(t)
  const clock = () => new Date('2026-01-08T00:00:00Z')
  const before = await openNetworkState(await openSnapshotVersions(dir, 3), null, clock)
  t.equal(before.current(), null)
  const { version } = await before.add(await load('S2'), clock())
  const after = await openNetworkState(await openSnapshotVersions(dir, 3), null, clock)
  t.equal(after.current()?.version.id, version.id)
})

t.test('a contradiction asks AWS anew, and then all is well', async (t) => {
  const clock = () => new Date('2026-01-07T09:06:00.000Z')
  const versions = await openSnapshotVersions(await folder(t), 5)
  let asked = 0
  const collect = async () => {
    asked += 1
    return { ...(await load('N15', 'later')), takenAt: '2026-01-07T09:05:30.000Z' }
  }
  const network = await openNetworkState(versions, collect, clock)
  await network.add(await load('N15'), clock())
  const store = watchStore(
    await openSqliteStore(':memory:', { policy: DEFAULT_POLICY, retention: DEFAULT_RETENTION }),
  )
  t.teardown(() => store.close())
  const diagnoser = createDiagnoser({ store, network, clock })
  const kindNow = async () => {
    const health = await store.getFunction('orders-api', clock())
    const diagnosis = health ? await diagnoser.ofFunction(health) : null
    return diagnosis?.items[0]?.diagnosis.kind
  }
  const reports = ['09:04:00', '09:05:00'].map((time) =>
    ordersReport(time, new Date(`2026-01-07T${time}Z`), 'ok'),
  )
  await store.ingest({ source: 'test', receivedAt: clock(), reports, rejects: [], otherLines: 0 })
  t.equal(await kindNow(), 'contradicted', 'the packet came through where the snapshot says that none can')
  t.equal(await diagnoser.sweep(), 1)
  t.equal((await diagnoser.groups()).groups[0]?.kind, 'contradicted', 'and it is told, though nothing fails')

  const old = network.current()?.version.id
  const companion = keepDiagnosed(store, network, diagnoser, silent)
  t.teardown(() => companion.stop())
  await until(() => network.current()?.version.id !== old)
  t.equal(asked, 1)
  t.equal(await kindNow(), 'healthy', 'with the newer snapshot both eyes agree')
})

t.test('a check that passes by another address than the closed one is no contradiction', async (t) => {
  const clock = () => new Date('2026-01-07T09:06:00.000Z')
  const network = await openNetworkState(await openSnapshotVersions(await folder(t), 5), null, clock)
  await network.add(await load('S3'), clock())
  const store = watchStore(
    await openSqliteStore(':memory:', { policy: DEFAULT_POLICY, retention: DEFAULT_RETENTION }),
  )
  t.teardown(() => store.close())
  const diagnoser = createDiagnoser({ store, network, clock })
  const met = (address: string, outcome: Outcome) => ({
    address,
    addressKind: 'private' as const,
    outcome,
    ms: 1,
    phases: {},
  })
  const addresses = [met('10.0.21.20', 'connect_timeout'), met('10.0.22.20', 'ok')]
  const reports = ['09:04:00', '09:05:00'].map((time) =>
    ordersReport(time, new Date(`2026-01-07T${time}Z`), 'ok', { addresses, address: '10.0.22.20' }),
  )
  await store.ingest({ source: 'test', receivedAt: clock(), reports, rejects: [], otherLines: 0 })
  t.equal(await diagnoser.sweep(), 0, 'nothing puts the snapshot in doubt')
  const health = await store.getFunction('orders-api', clock())
  const found = health ? await diagnoser.ofFunction(health) : null
  t.match(found?.items, [{ outcome: 'ok', diagnosis: { kind: 'proven' } }])
  const [group] = (await diagnoser.groups()).groups
  t.match(group, { kind: 'proven', functions: ['orders-api'], cause: { code: 'ENI_SG_RULES_MISMATCH' } })
  t.equal((group?.fixes.length ?? 0) > 0, true, 'the cause is told with its fix, though the check passes')
})

t.test(
  'calls for a new snapshot that come while one is collected share it; a failing one is told',
  async (t) => {
    let asked = 0
    const clock = () => new Date('2026-01-08T00:00:00Z')
    const network = await openNetworkState(
      await openSnapshotVersions(await folder(t), 3),
      async () => {
        asked += 1
        if (asked === 2) throw new Error('ExpiredToken')
        return load('S2')
      },
      clock,
    )
    const [one, two] = await Promise.all([network.refresh?.(), network.refresh?.()])
    t.equal(asked, 1)
    t.equal(one?.version.id, two?.version.id)
    await t.rejects(async () => network.refresh?.(), /ExpiredToken/)
    t.equal(network.current()?.version.id, one?.version.id, 'what was known is still known')
  },
)

t.test('a snapshot folder is taken in when it appears', async (t) => {
  const network = await openNetworkState(
    await openSnapshotVersions(await folder(t), 3),
    null,
    () => new Date(),
  )
  const companion = followSnapshot(join(DATA, 'S3', 'snapshot'), network, silent)
  t.teardown(() => companion.stop())
  await until(() => network.current() !== null)
  t.equal(network.current()?.version.takenAt, (await load('S3')).takenAt)
})

t.test('traces and rehearsals by HTTP: kept, named, and handed over', async (t) => {
  const { app, network, close } = await startApi()
  t.teardown(close)
  const post = (url: string, payload: object) => app.inject({ method: 'POST', url, payload })
  const question = { from: 'orders-api', to: 'rds:orders' }

  const none = await post('/v1/trace', question)
  t.equal(none.statusCode, 409)
  t.match(none.json().detail, /POST one to \/v1\/snapshots/)

  const s3 = await load('S3')
  const kept = await post('/v1/snapshots', { files: filesOf(s3) })
  t.equal(kept.statusCode, 201, kept.body)
  t.equal(
    (await post('/v1/snapshots', { files: filesOf(s3) })).statusCode,
    200,
    'the same again makes no new version',
  )
  await network.add(await load('S2'), new Date('2026-02-01T00:00:00Z'))
  const list = (await app.inject('/v1/snapshots')).json()
  t.equal(list.items.length, 2)

  t.equal(
    (await post('/v1/trace', { ...question, snapshot: kept.json().id })).json().verdict,
    'unreachable',
    'an older version by name',
  )
  const handed = (await post('/v1/trace', { ...question, files: filesOf(s3) })).json()
  t.equal(handed.verdict, 'unreachable', 'one that is not kept')
  t.equal(handed.names['sg-000000000000000d1'], 'orders-db', 'told with what people call its parts')
  t.equal((await app.inject('/v1/snapshots')).json().items.length, 2, 'and was not kept')

  const changes = [
    {
      kind: 'authorize-security-group',
      direction: 'ingress',
      groupId: 'sg-000000000000000d1',
      protocol: 'tcp',
      fromPort: 5432,
      toPort: 5432,
      peer: { groupId: GROUP },
    },
  ]
  const rehearsed = await post('/v1/rehearsals', { ...question, files: filesOf(s3), changes })
  t.match(rehearsed.json(), { before: { verdict: 'unreachable' }, after: { verdict: 'reachable' } })

  for (const [url, payload, code, expected] of [
    ['/v1/trace', { from: 'vpc-0123456789abcdef0', to: 'internet' }, 400, /can't send packets/],
    ['/v1/trace', { from: 'nobody', to: 'internet', files: filesOf(s3) }, 400, /no function nobody/],
    ['/v1/trace', { ...question, snapshot: '20260101T000000Z-000000000000' }, 404, /no snapshot/],
    [
      '/v1/trace',
      { ...question, files: { 'describe-vpcs.json': { Vpcs: 3 } } },
      400,
      /describe-vpcs\.json\/Vpcs/,
    ],
    [
      '/v1/rehearsals',
      { ...question, files: filesOf(s3), changes: [{ kind: 'magic' }] },
      400,
      /expected a change/,
    ],
    ['/v1/snapshots', {}, 400, /either `files` or `refresh`/],
    ['/v1/snapshots', { refresh: true }, 400, /no AWS account is connected/],
    ['/v1/snapshots', { files: { 'holiday notes.txt': {} } }, 400, /name of an AWS CLI command/],
  ] as const) {
    const answer = await post(url, payload)
    t.equal(answer.statusCode, code, `${url} ${answer.body.slice(0, 300)}`)
    t.match(answer.body, expected)
  }
})

t.test('health carries the diagnosis in one sentence, and paths are told hop by hop', async (t) => {
  const { app, store, network, now, close } = await startApi()
  t.teardown(close)
  await network.add(await load('S3'), now())
  const reports = [60, 0].map((ago) =>
    ordersReport(`run-${ago}`, new Date(now().getTime() - ago * 1000), 'connect_timeout'),
  )
  await store.ingest({ source: 'test', receivedAt: now(), reports, rejects: [], otherLines: 0 })
  await app.inject('/v1/functions/orders-api/diagnosis')
  const health = await app.inject('/v1/functions/orders-api/health')
  t.equal(health.statusCode, 503)
  t.match(health.json().diagnosis.en, /sg-000000000000000d1 lacks an inbound rule for tcp\/5432/)
  t.match(health.json().diagnosis.ko, /[가-힣]/)
  const paths = (await app.inject('/v1/functions/orders-api/paths')).json().items
  t.equal(paths.length, 1)
  t.equal(paths[0].trace.hops.at(-1).code, 'ENI_SG_RULES_MISMATCH')
  const groups = (await app.inject('/v1/diagnoses')).json()
  t.match(groups.items[0], {
    kind: 'proven',
    functions: ['orders-api'],
    fixes: [{ changes: [{ kind: 'authorize-security-group' }] }],
  })
})

t.test('as plain text the diagnosis reads in both languages, and no name can steer a terminal', async (t) => {
  const { app, store, network, now, close } = await startApi()
  t.teardown(close)
  await network.add(await load('S3'), now())
  const told = ordersReport('run', now(), 'connect_timeout')
  const hostile = told.results.map((one) => ({ ...one, check: '\u001b]0;owned\u0007\u001b[31morders-db' }))
  const reports = [{ ...told, results: [...told.results, ...hostile] }]
  await store.ingest({ source: 'test', receivedAt: now(), reports, rejects: [], otherLines: 0 })
  const ask = async (language: string) =>
    app.inject({
      url: '/v1/functions/orders-api/diagnosis',
      headers: { accept: 'text/plain', 'accept-language': language },
    })
  const english = await ask('de, en;q=0.8')
  t.match(english.headers['content-type'], 'text/plain; charset=utf-8')
  t.match(english.body, /^Proven: Security group sg-000000000000000d1 \(orders-db\) lacks an inbound rule/m)
  t.match(english.body, /^ {4}aws ec2 authorize-security-group-ingress /m, 'a line that can be copied whole')
  t.match(
    (await ask('ko-KR, ko;q=0.9, en;q=0.8')).body,
    /^증명됨: 보안 그룹 sg-000000000000000d1 \(orders-db\)에/m,
  )
  const narrow = await app.inject({
    url: '/v1/functions/orders-api/diagnosis?columns=40',
    headers: { accept: 'text/plain' },
  })
  t.match(narrow.body, /^Proven: Security group\n {2}sg-000000000000000d1 \(orders-db\) lacks\n/m)
  const unbroken = await app.inject({
    url: '/v1/functions/orders-api/diagnosis?columns=0',
    headers: { accept: 'text/plain' },
  })
  t.match(
    unbroken.body,
    /^Proven: Security group \S+ \(orders-db\) lacks .* from sg-000000000000000f1 .*\.$/m,
  )
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not be there
  t.notMatch(english.body, /[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/)
})

t.test('answers that speak of ids tell what people call them, and text says it beside the id', async (t) => {
  const bench = await startApi()
  t.teardown(() => bench.close())
  const { app, network } = bench
  const snapshot = await load('S3')
  const database = 'sg-000000000000000d1'
  await network.add({ ...snapshot, takenAt: null }, bench.now())
  const headers = { 'content-type': 'application/x-ndjson' }
  for (const [run, seconds] of [
    ['one', 60],
    ['two', 30],
  ] as const) {
    const line = JSON.stringify(
      ordersReport(run, new Date(bench.now().getTime() - seconds * 1000), 'connect_timeout'),
    )
    await app.inject({ method: 'POST', url: '/v1/reports', headers, payload: line })
  }
  const known = network.current()?.names().get(database)
  t.type(known, 'string')
  for (const url of [
    '/v1/diagnoses',
    '/v1/functions/orders-api/diagnosis',
    '/v1/functions/orders-api/paths',
  ]) {
    const { names } = (await app.inject({ url })).json()
    t.equal(names[database], known, url)
    t.notOk('subnet-ffffffffffffffff0' in names, 'only what the answer speaks of')
  }
  const incidents = (await app.inject({ url: '/v1/incidents' })).json()
  t.match(incidents, { items: [{ subnet: SUBNET }], names: { [SUBNET]: 'private-a' } })
  const text = await app.inject({
    url: '/v1/functions/orders-api/diagnosis',
    headers: { accept: 'text/plain' },
  })
  t.match(text.body, `${database} (${known})`)
  t.match(text.body, new RegExp(`--group-id ${database} --ip`), 'commands can be pasted')
})
