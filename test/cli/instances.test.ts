import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { CreateTableCommand } from '@aws-sdk/client-dynamodb'
import t from 'tap'
import {
  CREDENTIALS,
  type Emulator,
  newTable,
  REGION,
  startDynalite,
  withClient,
} from '../store/support/dynamo.js'
import { ndjson, report, result, until } from '../support/api.js'
import { builtCli, type Served, startCli, urlOf } from '../support/cli.js'
import { type Follower, follow } from '../support/follow.js'

const root = t.testdir({})
const cli = await builtCli()
t.setTimeout(600_000)

const emulator = await startDynalite()
t.teardown(emulator.stop)
const NOW = Date.now()
const SUBNETS = ['subnet-a', 'subnet-b', 'subnet-c']

function configFor({ endpoint }: Emulator, table: string): string {
  const file = join(root, `${table}.yaml`)
  writeFileSync(
    file,
    `store:\n  dynamodb:\n    table: ${table}\n    region: ${REGION}\n    endpoint: ${endpoint}\n`,
  )
  return file
}

let instances = 0

/** Another instance with a data folder of its own. */
async function instance(config: string): Promise<{ served: Served; url: string }> {
  instances += 1
  const args = [
    'serve',
    '--no-sample',
    '--port',
    '0',
    '--config',
    config,
    '--data',
    join(root, `data-${instances}`),
  ]
  const served = startCli(cli, args, { cwd: root, env: CREDENTIALS })
  t.teardown(() => served.child.kill('SIGKILL'))
  return { served, url: await urlOf(served) }
}

/** Report `n` of a small fleet, around now; later ones fail. */
function line(n: number): string {
  const outcome = n > 40 ? 'connect_timeout' : 'ok'
  return ndjson(
    report({
      run: `run-${n}`,
      at: new Date(NOW + n * 1000),
      function: `probe-${n % 3}`,
      subnet: SUBNETS[n % 3] ?? null,
      results: [result('orders-db', outcome)],
    }),
  )
}

async function post(url: string, body: string): Promise<boolean> {
  const answer = await fetch(`${url}/v1/reports`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-ndjson' },
    body,
  }).catch(() => null)
  return answer?.status === 200
}

t.test('several instances on one table: any is killed at any time, and nothing is lost', async (t) => {
  const table = await newTable(emulator)
  const config = configFor(emulator, table)
  const all = await Promise.all([instance(config), instance(config), instance(config)])
  const [one, two, three] = all
  if (!one || !two || !three) throw new Error('three instances')

  const live = await follow(`${one.url}/v1/events`, { 'last-event-id': '0' })
  t.ok(await post(two.url, line(0)))
  await until(() => live.events().some(({ event }) => event === 'function-status'))
  t.pass('what one took in is told by another')
  t.match(await (await fetch(`${three.url}/v1/functions/orders`)).json(), { status: 'healthy' })

  // Each line goes to one instance and, if that doesn't answer, to the next: what a sender does.
  const alive = [...all]
  const send = async (n: number): Promise<void> => {
    for (let turn = n; ; turn += 1) {
      const target = alive[turn % alive.length]
      if (target && (await post(target.url, line(n)))) return
      await sleep(10)
    }
  }
  const killAt = 30
  for (let n = 1; n < 60; n += 3) {
    await Promise.all([send(n), send(n + 1), send(n + 2), ...(n === killAt + 1 ? [kill(one, alive)] : [])])
  }
  const seen = live.events().map(({ id }) => id)
  const back = await follow(`${two.url}/v1/events`, { 'last-event-id': String(seen.at(-1) ?? 0) })
  await until(() => failed(live, back))
  const ids = [...seen, ...back.events().map(({ id }) => id)]
  t.same(
    ids,
    ids.map((_, index) => (ids[0] ?? 0) + index),
    'the stream goes on at another instance without a gap or a double',
  )
  const answers = await Promise.all(
    [two, three].map(async ({ url }) => (await fetch(`${url}/v1/functions/orders`)).json()),
  )
  t.same(answers[0], answers[1], 'both say the same')
  const { items } = await (await fetch(`${three.url}/v1/functions/orders/results?limit=200`)).json()
  t.equal(items.length, 61, 'every report once')
  t.equal(new Set(items.map(({ run }: { run: string }) => run)).size, 61)
  back.response.destroy()
})

t.test('a snapshot that one instance took is current at the others', async (t) => {
  const config = configFor(emulator, await newTable(emulator))
  const [one, two] = await Promise.all([instance(config), instance(config)])
  const files = { 'describe-vpcs.json': { Vpcs: [{ VpcId: 'vpc-1', CidrBlock: '10.0.0.0/16' }] } }
  const answer = await fetch(`${one.url}/v1/snapshots`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ files }),
  })
  t.equal(answer.status, 201)
  const { id } = await answer.json()
  await until(async () => {
    await sleep(200)
    return (await (await fetch(`${two.url}/v1/snapshots`)).json()).current === id
  })
  t.match(await (await fetch(`${two.url}/v1/snapshots`)).json(), { items: [{ id, documents: 1 }] })
  const again = await fetch(`${two.url}/v1/snapshots`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ files }),
  })
  t.equal(again.status, 200, 'the same again is no new one')
})

t.test('a table that is missing, or another, is told with what to do', async (t) => {
  const run = async (...args: readonly string[]) => {
    const served = startCli(cli, args, { cwd: root, env: CREDENTIALS })
    return { code: await served.exit, output: served.output() }
  }
  const config = configFor(emulator, 'sonde-none')
  const missing = await run('serve', '--config', config)
  t.equal(missing.code, 2)
  t.match(missing.output, /no DynamoDB table "sonde-none" in eu-west-1: make it with `sonde store create`/)
  t.match(await run('store', 'create', '--config', config), { code: 0, output: /sonde-none: made/ })
  t.match(await run('store', 'create', '--config', config), { code: 0, output: /is there and right/ })
  t.match(await run('store', 'check', '--config', config), { code: 0 })

  await withClient(emulator.endpoint, (client) =>
    client.send(
      new CreateTableCommand({
        TableName: 'another',
        BillingMode: 'PAY_PER_REQUEST',
        AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
        KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
      }),
    ),
  )
  const wrong = await run('serve', '--config', configFor(emulator, 'another'))
  t.equal(wrong.code, 2)
  t.match(wrong.output, /its key is id \(S\) instead of pk \(S\), sk \(S\); it has no index "lists"/)
  const silent = await run(
    'store',
    'check',
    '--table',
    'some',
    '--region',
    REGION,
    '--endpoint',
    'http://127.0.0.1:9',
  )
  t.match(silent, { code: 2, output: /can't be used/ })
})

async function kill(victim: { served: Served }, alive: { served: Served }[]): Promise<void> {
  victim.served.child.kill('SIGKILL')
  await victim.served.exit
  alive.splice(
    alive.findIndex(({ served }) => served === victim.served),
    1,
  )
}

function failed(...followers: readonly Follower[]): boolean {
  return followers.some((one) => one.events().some(({ event }) => event === 'incident-opened'))
}
