import t from 'tap'
import { openDrafts } from '../../api/drafts.js'
import { START, startApi } from '../support/api.js'
import { scenarioSnapshot, textsOf } from '../support/snapshots.js'

const VPC = 'vpc-000000000000000a1'
const HOSTILE = '<img src=x onerror=alert(1)>'

t.test('the network without a snapshot, with one, and of an unknown one', async (t) => {
  const api = await startApi()
  t.teardown(api.close)
  t.equal((await api.app.inject('/v1/network')).statusCode, 409)
  const { version } = await api.network.add(await scenarioSnapshot('S5'), api.now())
  const overview = (await api.app.inject('/v1/network')).json()
  t.match(overview, {
    snapshot: version.id,
    takenAt: version.takenAt,
    vpcs: [{ id: VPC, cidrs: ['10.0.0.0/16'], functions: 1 }],
    vpcsOmitted: 0,
    outside: { functions: { count: 0, names: [] } },
  })
  t.equal((await api.app.inject('/v1/network?snapshot=nope')).statusCode, 404)
  t.equal((await api.app.inject('/v1/network/vpcs/vpc-0')).statusCode, 404)
})

t.test('one VPC: subnets by zone and kind, ways out, functions, databases, names', async (t) => {
  const api = await startApi()
  t.teardown(api.close)
  await api.network.add(await scenarioSnapshot('S5'), api.now())
  const map = (await api.app.inject(`/v1/network/vpcs/${VPC}`)).json()
  const kinds = Object.fromEntries(
    map.subnets.map((one: { name: string; kind: string }) => [one.name, one.kind]),
  )
  t.match(kinds, { 'public-a': 'public', 'private-a': 'private', 'data-a': 'isolated' })
  const privateA = map.subnets.find((one: { name: string }) => one.name === 'private-a')
  t.match(privateA, {
    zone: 'ap-northeast-2a',
    networkAcl: 'acl-000000000000000a0',
    routeTable: 'rtb-00000000000000a11',
    routes: [{ destination: '0.0.0.0/0', targetKind: 'nat-gateway', target: 'nat-000000000000000a1' }],
  })
  t.match(map.standpoints, [{ functions: { count: 1, names: ['orders-api'] } }])
  const thing = (kind: string) => map.things.find((one: { kind: string }) => one.kind === kind)
  t.match(thing('nat-gateway'), { state: 'available', subnets: ['subnet-00000000000000a01'] })
  t.match(thing('nat-gateway').detail, /^\d+\.\d+\.\d+\.\d+$/, 'the address that the world sees')
  t.match(thing('internet-gateway'), { subnets: [] })
  t.match(thing('database'), { id: 'orders', detail: 'port 5432' })
})

t.test('peerings and transit gateways join VPCs; what is blackholed is told', async (t) => {
  const api = await startApi()
  t.teardown(api.close)
  await api.network.add(await scenarioSnapshot('N5'), api.now())
  const peered = (await api.app.inject('/v1/network')).json()
  t.match(peered.links, [{ kind: 'vpc-peering-connection', state: 'active', vpcs: { length: 2 } }])
  await api.network.add(
    { ...(await scenarioSnapshot('N7')), takenAt: null },
    new Date(api.now().getTime() + 1000),
  )
  const joined = (await api.app.inject('/v1/network')).json()
  const gateway = joined.links.find((one: { kind: string }) => one.kind === 'transit-gateway')
  t.equal(gateway.vpcs.length, 2)
  const map = (await api.app.inject(`/v1/network/vpcs/${VPC}`)).json()
  const attached = map.things.find((one: { kind: string }) => one.kind === 'transit-gateway')
  t.ok(attached.subnets.length > 0, 'by the subnets of its attachment')
  await api.network.add(
    { ...(await scenarioSnapshot('S5c')), takenAt: null },
    new Date(api.now().getTime() + 2000),
  )
  const dead = (await api.app.inject(`/v1/network/vpcs/${VPC}`)).json()
  const routes = dead.subnets.flatMap((one: { routes: { state: string }[] }) => one.routes)
  t.ok(routes.some((one: { state: string }) => one.state === 'blackhole'))
})

t.test('the picture is bounded, and what is left out is counted', async (t) => {
  const subnets = Array.from({ length: 450 }, (_, i) => ({
    SubnetId: `subnet-${i}`,
    VpcId: 'vpc-1',
    CidrBlock: `10.${i >> 8}.${i & 255}.0/24`,
    AvailabilityZone: 'eu-west-1a',
  }))
  const functions = Array.from({ length: 5000 }, (_, i) => ({
    FunctionName: `f-${String(i).padStart(4, '0')}`,
    VpcConfig: { VpcId: 'vpc-1', SubnetIds: ['subnet-1'], SecurityGroupIds: ['sg-1'] },
  }))
  const api = await startApi()
  t.teardown(api.close)
  const files = {
    'describe-vpcs.json': JSON.stringify({ Vpcs: [{ VpcId: 'vpc-1', CidrBlock: '10.0.0.0/8' }] }),
    'describe-subnets.json': JSON.stringify({ Subnets: subnets }),
    'list-functions.json': JSON.stringify({ Functions: functions }),
  }
  const draft = await api.app.inject({ method: 'POST', url: '/v1/snapshots/drafts', payload: { files } })
  const map = (await api.app.inject(`/v1/network/vpcs/vpc-1?snapshot=${draft.json().id}`)).json()
  t.equal(map.subnets.length, 400)
  t.equal(map.omitted.subnets, 50)
  t.equal(map.standpoints.length, 1, 'what stands at one place is one entry')
  t.equal(map.standpoints[0].functions.count, 5000)
  t.equal(map.standpoints[0].functions.names.length, 100)
  t.equal(map.subnets[0].kind, 'unknown', 'no route tables in the snapshot: nothing is guessed')
})

t.test('rules in the terms of a change, and ends to choose from', async (t) => {
  const api = await startApi()
  t.teardown(api.close)
  await api.network.add(await scenarioSnapshot('S2'), api.now())
  const get = async (url: string) => (await api.app.inject(url)).json()
  const group = await get('/v1/network/rules/sg-000000000000000d1')
  t.match(group, { kind: 'security-group', rules: { length: Number } })
  const admitting = group.rules.find((one: { direction: string }) => one.direction === 'ingress')
  t.strictSame(admitting, {
    direction: 'ingress',
    protocol: 'tcp',
    fromPort: 5432,
    toPort: 5432,
    peer: { groupId: 'sg-000000000000000f1' },
  })
  const revoked = await api.app.inject({
    method: 'POST',
    url: '/v1/rehearsals',
    payload: {
      from: 'orders-api',
      to: 'rds:orders',
      port: 5432,
      changes: [{ kind: 'revoke-security-group', groupId: group.id, ...admitting }],
    },
  })
  t.match(revoked.json(), { before: { verdict: 'reachable' }, after: { verdict: 'unreachable' } })
  const acl = await get('/v1/network/rules/acl-000000000000000a0')
  t.match(acl, { kind: 'network-acl', entries: [{ ruleNumber: 100, action: 'allow' }, { ruleNumber: 100 }] })
  const table = await get('/v1/network/rules/rtb-00000000000000a11')
  t.match(table, {
    kind: 'route-table',
    routes: [{ destination: '10.0.0.0/16', targetKind: 'local', propagated: false }],
  })
  const denied = await api.app.inject({
    method: 'POST',
    url: '/v1/rehearsals',
    payload: {
      from: 'orders-api',
      to: 'rds:orders',
      port: 5432,
      changes: [{ kind: 'delete-network-acl-entry', networkAclId: acl.id, egress: true, ruleNumber: 100 }],
    },
  })
  t.match(denied.json(), {
    after: { verdict: 'unreachable', blockers: [{ code: 'SUBNET_ACL_RESTRICTION' }] },
  })
  t.equal((await api.app.inject('/v1/network/rules/sg-nope')).statusCode, 404)

  t.match((await get('/v1/network/ends?side=from&text=ORD')).items, [
    { selector: 'orders-api', kind: 'function' },
  ])
  t.match((await get('/v1/network/ends?side=to&text=ord')).items, [
    { selector: 'rds:orders', kind: 'database', port: 5432 },
  ])
  t.equal((await get('/v1/network/ends?side=to')).items[0].selector, 'internet')
  const few = await get('/v1/network/ends?side=to&limit=2')
  t.equal(few.items.length, 2)
  t.ok(few.omitted > 0)
})

t.test('what a change would do to everybody else', async (t) => {
  const api = await startApi()
  t.teardown(api.close)
  await api.network.add(await scenarioSnapshot('S3'), api.now())
  const rule = {
    kind: 'authorize-security-group',
    direction: 'ingress',
    groupId: 'sg-000000000000000d1',
    protocol: 'tcp',
    fromPort: 5432,
    toPort: 5432,
    peer: { groupId: 'sg-000000000000000f1' },
  }
  const compare = (changes: readonly unknown[]) =>
    api.app.inject({ method: 'POST', url: '/v1/comparisons', payload: { changes } })
  const answer = await compare([rule])
  t.equal(answer.statusCode, 200, answer.body)
  t.match(answer.json(), {
    functions: 1,
    changes: [
      {
        functions: { count: 1, names: ['orders-api'] },
        to: 'rds:orders',
        changed: ['verdict', 'blockers', 'subnets'],
        before: { verdict: 'unreachable' },
        after: { verdict: 'reachable' },
      },
    ],
    omitted: { functions: 0, changes: 0 },
  })
  t.equal((await compare([{ ...rule, groupId: 'sg-nope' }])).statusCode, 400)
  t.match((await compare([{ kind: 'magic' }])).body, /expected a change/)
})

t.test('a draft is tried, is never the current configuration, and is not written anywhere', async (t) => {
  const api = await startApi()
  t.teardown(api.close)
  const s3 = textsOf(await scenarioSnapshot('S3'))
  const post = (url: string, payload: object) => api.app.inject({ method: 'POST', url, payload })
  const made = await post('/v1/snapshots/drafts', { files: s3 })
  t.equal(made.statusCode, 201, made.body)
  const { id, problems, documents } = made.json()
  t.match(id, /^draft-[\w-]{22}$/)
  t.strictSame(problems, [])
  t.equal(documents, Object.keys(s3).length)
  const question = { from: 'orders-api', to: 'rds:orders' }
  t.equal((await post('/v1/trace', { ...question, snapshot: id })).json().verdict, 'unreachable')
  t.equal((await api.app.inject(`/v1/network?snapshot=${id}`)).json().snapshot, id)
  t.equal((await api.app.inject('/v1/network')).statusCode, 409, 'it is not the current one')
  t.equal((await api.app.inject('/v1/snapshots')).json().items.length, 0, 'and not kept')
  api.pass(61 * 60_000)
  t.equal((await post('/v1/trace', { ...question, snapshot: id })).statusCode, 404, 'gone after an hour')
})

t.test('a broken file is named with its place, and the rest is used', async (t) => {
  const api = await startApi()
  t.teardown(api.close)
  const s3 = textsOf(await scenarioSnapshot('S3'))
  const broken = {
    ...s3,
    'describe-nat-gateways.json': '{"NatGateways": [\n  {"NatGatewayId": }]}',
    'describe-subnetz.json': '{}',
    [`${HOSTILE}.json`]: '{}',
  }
  const made = await api.app.inject({
    method: 'POST',
    url: '/v1/snapshots/drafts',
    payload: { files: broken },
  })
  t.equal(made.statusCode, 201)
  const about = (file: string) => made.json().problems.find((one: { file: string }) => one.file === file)
  t.match(about('describe-nat-gateways.json'), {
    pointer: '/NatGateways/0/NatGatewayId',
    message: /line 2, column \d+: expected a value/,
  })
  t.match(about('describe-subnetz.json').message, 'did you mean describe-subnets')
  const nothing = await api.app.inject({
    method: 'POST',
    url: '/v1/snapshots/drafts',
    payload: { files: { 'notes.txt': 'hello', 'describe-vpcs.json': '[' } },
  })
  t.equal(nothing.statusCode, 400)
  t.match(nothing.json().errors[0].pointer, '/files/describe-vpcs.json/0')
  const strange = await api.app.inject({
    method: 'POST',
    url: '/v1/snapshots/drafts',
    payload: { files: { 'notes.txt': 'hello' } },
  })
  t.match(strange.json().detail, /named after an AWS CLI command/)
})

t.test('drafts are bounded by number and size, and the oldest unused one goes first', async (t) => {
  let now = START.getTime()
  const clock = () => new Date(now++)
  const one = (i: number) => ({
    'describe-vpcs.json': JSON.stringify({ Vpcs: [{ VpcId: `vpc-${i}`, CidrBlock: '10.0.0.0/16' }] }),
  })
  const size = JSON.stringify(one(1)).length
  const drafts = openDrafts(clock, { most: 2, characters: size * 10, idleMs: 60_000 })
  const ids = [1, 2].map((i) => drafts.add(one(i)).network?.version.id ?? '')
  drafts.get(ids[0] ?? '')
  drafts.add(one(3))
  t.ok(drafts.get(ids[0] ?? ''), 'what was used stays')
  t.equal(drafts.get(ids[1] ?? ''), null)
  const small = openDrafts(clock, { most: 9, characters: size, idleMs: 60_000 })
  const first = small.add(one(1)).network?.version.id ?? ''
  const second = small.add(one(2)).network?.version.id ?? ''
  t.equal(small.get(first), null, 'there is room for one')
  t.ok(small.get(second))
})
