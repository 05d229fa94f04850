import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { closeClients, openClients } from '../../api/aws/client.js'
import { collectInventory } from '../../api/aws/inventory.js'
import { buildModel, parseDestination, parseSource, trace } from '../../api/network/index.js'
import { readSnapshot } from '../../api/snapshot/read.js'
import { writeSnapshot } from '../../api/snapshot/write.js'
import { findMoto, startMoto } from './inventory-moto.js'
import { buildVpc, SECRET } from './inventory-moto-vpc.js'

const REGION = 'eu-west-1'
const program = findMoto()

if (program === null) {
  const reason = 'moto_server is not on PATH (pip install "moto[server]", or SONDE_MOTO=/path/to/moto_server)'
  if (process.env['CI'] === 'true') t.fail(reason)
  else t.comment(`skipped: ${reason}`)
} else {
  t.test('a VPC built by AWS’s API, collected over the wire, read back', async (t) => {
    const moto = await startMoto(program)
    t.teardown(() => moto.stop())
    Object.assign(process.env, {
      AWS_ENDPOINT_URL: moto.endpoint,
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
      AWS_EC2_METADATA_DISABLED: 'true',
      // What moto doesn't know it answers with 500; a second try is enough to see that.
      AWS_MAX_ATTEMPTS: '2',
    })
    const clients = openClients(REGION)
    t.teardown(() => closeClients(clients))
    const built = await buildVpc(clients)
    const { snapshot: collected, regions, accounts } = await collectInventory([clients])
    const folder = join(t.testdir({}), 'out')
    await writeSnapshot(folder, collected, { regions, accounts })
    const { snapshot, problems } = await readSnapshot(folder)
    t.strictSame(problems, [])
    t.equal(snapshot.documents.length, collected.documents.length)
    t.strictSame(accounts, ['123456789012'])

    const body = (call: string, key = '') =>
      snapshot.documents.find((document) => document.call === call && document.key === key)?.body
    t.match(body('describe-vpc-attribute', `${built.vpcId}.enableDnsHostnames`), {
      EnableDnsHostnames: { Value: true },
    })
    t.match(body('describe-nat-gateways'), { NatGateways: [{ NatGatewayId: built.natGatewayId }] })
    t.match(body('describe-vpc-endpoints'), { VpcEndpoints: [{ VpcEndpointId: built.gatewayEndpointId }] })
    t.match(body('describe-db-instances'), {
      DBInstances: [
        {
          DBInstanceIdentifier: 'orders',
          VpcSecurityGroups: [{ VpcSecurityGroupId: built.databaseGroupId }],
        },
      ],
    })
    t.match(body('get-function-configuration', 'orders'), {
      State: 'Active',
      VpcConfig: { SecurityGroupIds: [built.functionGroupId] },
    })
    t.match(body('describe-listeners', built.balancerArn), { Listeners: [{ Port: 80, Protocol: 'TCP' }] })
    t.match(body('describe-target-health', built.targetGroupArn), {
      TargetHealthDescriptions: [{ Target: { Port: 8080 }, TargetHealth: { State: 'healthy' } }],
    })
    t.match(
      JSON.stringify(body('describe-load-balancer-attributes', built.balancerArn)),
      /"load_balancing.cross_zone.enabled","Value":"true"|"Value":"true","Key":"load_balancing.cross_zone.enabled"/,
    )
    t.type(body('describe-target-group-attributes', built.targetGroupArn), 'object')
    const { model, problems: faults } = buildModel(snapshot)
    t.strictSame(faults, [], 'the model understands every answer')
    const ask = (to: string, port: number) =>
      trace(model, parseSource('orders'), parseDestination(to).destination, { protocol: 'tcp', port })
    const database = ask('rds:orders', 5432)
    t.strictSame(database.blockers, [])
    t.strictSame(
      ask('rds:orders', 22).blockers.map(({ component }) => component),
      [built.databaseGroupId, built.databaseGroupId],
      'closed from both subnets',
    )
    const internet = ask('internet', 443)
    t.strictSame(internet.blockers, [])
    t.ok(internet.hops.some(({ component }) => component === built.natGatewayId))
    t.equal(internet.seenAs, built.natAddress)
    const dynamodb = ask('service:dynamodb', 443)
    t.strictSame(dynamodb.blockers, [])
    t.ok(dynamodb.hops.some(({ component }) => component === built.gatewayEndpointId))
    const balanced = ask('lb:web', 80)
    t.same(balanced.blockers, [])
    t.equal(balanced.verdict, 'reachable', balanced.missing.map(({ text }) => text.en).join())
    t.ok(balanced.hops.some(({ component }) => component === built.serverGroupId))
    t.equal(database.verdict, 'reachable')
    t.equal(dynamodb.verdict, 'reachable')
    t.equal(internet.perSubnet.length, 2)
    // moto has no answer about Block Public Access: a gap, and so not "reachable".
    t.equal(internet.verdict, 'unknown')
    t.strictSame(
      [...new Set(internet.missing.map(({ call }) => call))],
      ['describe-vpc-block-public-access-options'],
    )

    const unanswered = new Set(snapshot.missing.map(({ call }) => call))
    for (const call of [
      'describe-vpcs',
      'describe-security-groups',
      'describe-route-tables',
      'list-functions',
    ]) {
      t.notOk(unanswered.has(call), `${call} was answered`)
    }
    for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile()) continue
      const text = await readFile(join(entry.parentPath, entry.name), 'utf8')
      if (text.includes(SECRET)) t.fail(`a secret in ${entry.name}`)
    }
  })
}
