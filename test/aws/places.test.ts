import t from 'tap'
import { assumedRole, assumedRoles } from '../../api/aws/accounts.js'
import { createCollection } from '../../api/aws/places.js'
import { type Answer, error, fakeAws, ok } from './fake-aws.js'

const OTHER = '111122223333'
const access = (account: string) => ({
  account,
  roleArn: `arn:aws:iam::${account}:role/sonde`,
  externalId: 'tenant-7',
  regions: ['eu-west-1'],
})

const assumed = (expires: Date, key = 'ASIA1'): Answer => ({
  status: 200,
  body: `<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult><Credentials>
    <AccessKeyId>${key}</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken>
    <Expiration>${expires.toISOString()}</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>`,
})

t.test(
  'credentials of a role are shared, renewed before they expire, and a failure is not kept',
  async (t) => {
    const hour = 3_600_000
    let now = Date.parse('2026-01-31T12:00:00Z')
    let refused = true
    const asked: URLSearchParams[] = []
    await fakeAws(t, (action, parameters) => {
      if (action !== 'AssumeRole') return null
      asked.push(parameters)
      return refused ? error(403, 'AccessDenied') : assumed(new Date(now + hour), `ASIA${asked.length}`)
    })
    const credentials = assumedRole(access(OTHER), () => now)
    await t.rejects(credentials(), {
      name: 'AssumeRoleError',
      message:
        /account 111122223333: the role arn:aws:iam::111122223333:role\/sonde could not be assumed: AccessDenied/,
    })
    refused = false
    const before = asked.length
    const [one, other] = await Promise.all([credentials(), credentials()])
    t.equal(one.accessKeyId, other.accessKeyId)
    t.equal(asked.length, before + 1, 'two who ask at once share one request')
    const said = asked.at(-1)
    t.same(
      ['RoleArn', 'RoleSessionName', 'ExternalId', 'DurationSeconds'].map((name) => said?.get(name)),
      [`arn:aws:iam::${OTHER}:role/sonde`, 'sonde', 'tenant-7', '3600'],
    )
    now += hour - 7 * 60_000
    t.equal((await credentials()).accessKeyId, one.accessKeyId)
    now += 2 * 60_000
    t.not((await credentials()).accessKeyId, one.accessKeyId, 'anew, before the SDK would find them stale')
  },
)

t.test('a place that fails keeps what it told last and holds up no other', async (t) => {
  let working = true
  let vpc = 'vpc-1'
  await fakeAws(t, (action) => {
    if (action === 'AssumeRole')
      return working ? assumed(new Date(Date.now() + 60_000)) : error(403, 'AccessDenied')
    if (action === 'DescribeVpcs') return ok(action, `<vpcSet><item><vpcId>${vpc}</vpcId></item></vpcSet>`)
    return null
  })
  let now = Date.parse('2026-01-31T12:00:00Z')
  const places = [
    { account: null, region: 'eu-west-1' },
    { account: OTHER, region: 'eu-west-1' },
    { account: OTHER, region: 'us-east-1' },
  ]
  const collection = createCollection(places, assumedRoles([access(OTHER)]), () => new Date(now))
  const vpcs = async () => {
    const { takenAt, documents } = await collection.collect()
    const found = documents.filter(({ call }) => call === 'describe-vpcs')
    return {
      takenAt,
      vpcs: found.map(({ file, scope, body }) => [file, scope, JSON.stringify(body).match(/vpc-\d/)?.[0]]),
    }
  }
  const at = (minutes: number) =>
    new Date(Date.parse('2026-01-31T12:00:00Z') + minutes * 60_000).toISOString()
  t.same(await vpcs(), {
    takenAt: at(0),
    vpcs: [
      ['eu-west-1/describe-vpcs.json', 'eu-west-1', 'vpc-1'],
      [`${OTHER}/eu-west-1/describe-vpcs.json`, `${OTHER}/eu-west-1`, 'vpc-1'],
      [`${OTHER}/us-east-1/describe-vpcs.json`, `${OTHER}/us-east-1`, 'vpc-1'],
    ],
  })
  working = false
  vpc = 'vpc-2'
  now += 15 * 60_000
  t.same(
    await vpcs(),
    {
      takenAt: at(0),
      vpcs: [
        ['eu-west-1/describe-vpcs.json', 'eu-west-1', 'vpc-2'],
        [`${OTHER}/eu-west-1/describe-vpcs.json`, `${OTHER}/eu-west-1`, 'vpc-1'],
        [`${OTHER}/us-east-1/describe-vpcs.json`, `${OTHER}/us-east-1`, 'vpc-1'],
      ],
    },
    'the oldest part dates the whole',
  )
  t.match(collection.status(), [
    { account: null, lastOkAt: at(15), error: null },
    { account: OTHER, lastTriedAt: at(15), lastOkAt: at(0), error: /could not be assumed/ },
    { account: OTHER, lastOkAt: at(0), error: /could not be assumed/ },
  ])
})

t.test('what never answered is missing, not empty; nothing at all is an error', async (t) => {
  let own = true
  await fakeAws(t, (action) =>
    action === 'AssumeRole'
      ? error(403, 'AccessDenied')
      : own && action === 'DescribeVpcs'
        ? ok(action, '<vpcSet/>')
        : null,
  )
  const places = [
    { account: null, region: 'eu-west-1' },
    { account: OTHER, region: 'eu-west-1' },
  ]
  const make = () => createCollection(places, assumedRoles([access(OTHER)]), () => new Date())
  const { missing } = await make().collect()
  t.match(
    missing.find(({ scope, call }) => scope === `${OTHER}/eu-west-1` && call === 'list-functions'),
    { code: 'NotCollected', message: /could not be assumed/ },
  )
  own = false
  await t.rejects(make().collect(), {
    name: 'InventoryError',
    message: /nothing could be collected: .*could not be assumed/s,
  })
})
