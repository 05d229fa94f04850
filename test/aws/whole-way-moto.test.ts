import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { request as ask, createServer } from 'node:http'
import { join } from 'node:path'
import * as logs from '@aws-sdk/client-cloudwatch-logs'
import * as ec2 from '@aws-sdk/client-ec2'
import * as lambda from '@aws-sdk/client-lambda'
import t, { type Test } from 'tap'
import { assumedRoles } from '../../api/aws/accounts.js'
import { type AwsClients, closeClients, openClients } from '../../api/aws/client.js'
import { registerDiscover } from '../../api/cli/discover.js'
import { resolveConfig } from '../../api/config.js'
import { parseConfigFile } from '../../api/config-file.js'
import { readPlanFile } from '../../api/discovery/plan-file.js'
import type { PosturePlan } from '../../api/discovery/plan-file.schema.js'
import { createLogger } from '../../api/log.js'
import { startSonde } from '../../api/main.js'
import { run, sink } from '../cli/run.js'
import { report, result, until } from '../support/api.js'
import { findMoto, startMoto } from './inventory-moto.js'
import { buildVpc } from './inventory-moto-vpc.js'

const REGION = 'eu-west-1'
const OWN = '123456789012'
const OTHER = '111122223333'
const DENIED = '999999999999'
const program = findMoto()

if (program === null) {
  const reason = 'moto_server is not on PATH (pip install "moto[server]", or SONDE_MOTO=/path/to/moto_server)'
  if (process.env['CI'] === 'true') t.fail(reason)
  else t.comment(`skipped: ${reason}`)
} else {
  t.test('from an account to a diagnosis, over AWS’s own protocol', { timeout: 240_000 }, async (t) => {
    const moto = await startMoto(program)
    t.teardown(() => moto.stop())
    const aws = await denying(t, moto.endpoint, DENIED)
    Object.assign(process.env, {
      AWS_ENDPOINT_URL: aws,
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
      AWS_EC2_METADATA_DISABLED: 'true',
      AWS_MAX_ATTEMPTS: '2',
    })
    const access = {
      account: OTHER,
      roleArn: `arn:aws:iam::${OTHER}:role/sonde-reader`,
      externalId: 'tenant-7',
      regions: [REGION],
    }
    const own = openClients(REGION)
    const other = openClients(REGION, assumedRoles([access])(OTHER))
    t.teardown(() => [own, other].forEach(closeClients))
    const built = await buildVpc(own)
    await buildVpc(other)
    await addMore(own, built)

    const [posture, folder] = await discovered(t)
    t.match(posture, { account: OWN, functions: ['orders'], securityGroups: [built.functionGroupId] })
    t.equal(posture.subnets.length, 2)
    const checks = posture.plan.checks as { name: string; host?: string; egressIp?: string[] }[]
    t.same(
      checks.map(({ name }) => name),
      ['internet', 'rds:orders', 'service:dynamodb'],
    )
    t.same(checks.find(({ name }) => name === 'internet')?.egressIp, [built.natAddress])

    await own.ec2.send(
      new ec2.RevokeSecurityGroupIngressCommand({
        GroupId: built.databaseGroupId,
        IpPermissions: [
          {
            IpProtocol: 'tcp',
            FromPort: 5432,
            ToPort: 5432,
            UserIdGroupPairs: [{ GroupId: built.functionGroupId }],
          },
        ],
      }),
    )
    const host = checks.find(({ name }) => name === 'rds:orders')?.host ?? ''
    const send = await logGroup(t, '/sonde/probes')
    await send(posture, host)

    const config = resolveConfig(
      parseConfigFile(
        JSON.stringify({
          server: { port: 0 },
          data: join(folder, 'data'),
          sample: 'off',
          inventory: { regions: [REGION] },
          accounts: [
            { account: DENIED, roleArn: `arn:aws:iam::${DENIED}:role/sonde-reader`, regions: [REGION] },
            access,
          ],
          sources: { cloudwatch: [{ region: REGION, logGroups: ['/sonde/probes'], pollMs: 1000 }] },
        }),
        'sonde.json',
      ),
      null,
    )
    const log = sink()
    const sonde = await startSonde(config, createLogger('info', log.stream), {
      web: null,
      sample: null,
      diagnosis: null,
    })
    t.teardown(sonde.close)
    const get = async (path: string) => (await sonde.app.inject(path)).json()
    const names = async (query = '') =>
      (await get(`/v1/functions?limit=50${query}`)).items.map((one: { name: string }) => one.name)
    const arn = (account: string) => `arn:aws:lambda:${REGION}:${account}:function:orders`

    await until(async () => (await names()).length >= 2)
    t.same(
      await names(),
      [arn(OTHER), arn(OWN)],
      'one name in two accounts is two functions; probes are none',
    )
    await until(async () => (await get(`/v1/functions/${encodeURIComponent(arn(OWN))}`)).status === 'failing')
    const diagnosis = `/v1/functions/${encodeURIComponent(arn(OWN))}/diagnosis`
    await until(async () => (await get(diagnosis)).snapshot !== null)
    t.match((await get(diagnosis)).items[0].diagnosis, {
      kind: 'proven',
      cause: { component: built.databaseGroupId },
    })

    const { places } = await get('/v1/inventory')
    t.match(places, [
      { account: null, region: REGION, ok: true, error: null },
      {
        account: DENIED,
        region: REGION,
        ok: false,
        lastOkAt: null,
        error: /could not be assumed: AccessDenied/,
      },
      { account: OTHER, region: REGION, ok: true, error: null },
    ])
    t.match(
      log.text(),
      new RegExp(`"account":"${DENIED}","region":"${REGION}","why":"account ${DENIED}: the role`),
    )
    const metrics = (await sonde.app.inject('/metrics')).body
    t.match(metrics, /sonde_inventory_up\{account="999999999999",region="eu-west-1"\} 0/)
    t.match(metrics, /sonde_inventory_up\{account="",region="eu-west-1"\} 1/)

    await other.lambda.send(new lambda.DeleteFunctionCommand({ FunctionName: 'orders' }))
    const refreshed = await sonde.app.inject({
      method: 'POST',
      url: '/v1/snapshots',
      payload: { refresh: true },
    })
    t.equal(refreshed.statusCode < 300, true, refreshed.body)
    t.same(await names('&vanished=true'), [arn(OTHER)])
    t.same(await names(), [arn(OWN)])
  })
}

/** moto lets anyone assume any role; before it, the roles of one account are refused as AWS would. */
async function denying(t: Test, endpoint: string, account: string): Promise<string> {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const body = Buffer.concat(chunks)
      const text = body.toString('latin1')
      if (text.includes('Action=AssumeRole&') && text.includes(account)) {
        const error = '<Error><Type>Sender</Type><Code>AccessDenied</Code><Message>no</Message></Error>'
        response.writeHead(403, { 'content-type': 'text/xml' }).end(`<ErrorResponse>${error}</ErrorResponse>`)
        return
      }
      const { method, headers, url = '/' } = request
      const onward = ask(new URL(url, endpoint), { method, headers: { ...headers } }, (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers)
        answer.pipe(response)
      })
      onward.on('error', () => response.destroy())
      onward.end(body)
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return `http://127.0.0.1:${address.port}`
}

/** What discovery leaves out: a probe, and a function that nobody wants followed. */
async function addMore(
  aws: AwsClients,
  built: { privateSubnetId: string; functionGroupId: string },
): Promise<void> {
  const role = (await aws.lambda.send(new lambda.GetFunctionCommand({ FunctionName: 'orders' })))
    .Configuration?.Role
  for (const [name, tags] of [
    ['sonde-probe-a', { 'sonde:probe': 'posture-0' }],
    ['legacy', { 'sonde:ignore': 'true' }],
  ] as const) {
    await aws.lambda.send(
      new lambda.CreateFunctionCommand({
        FunctionName: name,
        Runtime: 'nodejs22.x',
        Role: role ?? '',
        Handler: 'index.handler',
        Code: { ZipFile: Buffer.from('UEsFBgAAAAAAAAAAAAAAAAAAAAAAAA==', 'base64') },
        VpcConfig: { SubnetIds: [built.privateSubnetId], SecurityGroupIds: [built.functionGroupId] },
        Tags: tags,
      }),
    )
  }
}

/** `sonde discover`, as somebody would run it; the only posture of the file that it writes. */
async function discovered(t: Test): Promise<readonly [PosturePlan, string]> {
  const cwd = t.testdir({})
  const ran = await run(registerDiscover, ['discover', '--region', REGION], { cwd })
  t.equal(ran.code, 0, ran.stderr)
  t.match(ran.stdout, /1 function in 1 posture: 2 probes needed/)
  const { postures } = readPlanFile(await readFile(join(cwd, 'sonde.plan.yaml'), 'utf8'), 'sonde.plan.yaml')
  const [posture] = postures
  if (posture === undefined || postures.length !== 1) throw new Error(`${postures.length} postures`)
  return [posture, cwd]
}

/** A log group, and how the probes of a posture report into it: the database does not answer. */
async function logGroup(t: Test, logGroupName: string) {
  const client = new logs.CloudWatchLogsClient({ region: REGION })
  t.teardown(() => client.destroy())
  await client.send(new logs.CreateLogGroupCommand({ logGroupName }))
  await client.send(new logs.CreateLogStreamCommand({ logGroupName, logStreamName: 's' }))
  return async (posture: PosturePlan, host: string): Promise<void> => {
    const lines = posture.subnets.flatMap((subnet, index) =>
      [2, 1].map((ago) => {
        const at = new Date(Date.now() - ago * 1000)
        const failed = result('rds:orders', 'connect_timeout', {
          target: `${host}:5432`,
          address: null,
          addressKind: null,
          kind: 'postgres',
        })
        const parts = {
          run: `run-${subnet}-${ago}`,
          at,
          function: `sonde-probe-${index}`,
          subnet,
          results: [failed],
        }
        const made = report({ ...parts, workloads: posture.functions })
        const probe = { ...made.probe, account: OWN, region: REGION, securityGroups: posture.securityGroups }
        return { timestamp: at.getTime(), message: JSON.stringify({ ...made, probe }) }
      }),
    )
    const logEvents = lines.toSorted((a, b) => a.timestamp - b.timestamp)
    await client.send(new logs.PutLogEventsCommand({ logGroupName, logStreamName: 's', logEvents }))
  }
}
