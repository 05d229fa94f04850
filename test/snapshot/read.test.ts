import { link, mkdir, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { gzipSync } from 'node:zlib'
import t, { type Test } from 'tap'
import { snapshotFromDocuments } from '../../api/snapshot/documents.js'
import { READ_LIMITS, readSnapshot, SnapshotFolderError } from '../../api/snapshot/read.js'

async function folder(t: Test, files: Readonly<Record<string, string | Uint8Array>>): Promise<string> {
  const root = t.testdir({})
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(root, name)), { recursive: true })
    await writeFile(join(root, name), content)
  }
  return root
}

const vpcs = (...ids: string[]) => JSON.stringify({ Vpcs: ids.map((VpcId) => ({ VpcId })) })

t.test('a folder of AWS CLI answers', async (t) => {
  const root = await folder(t, {
    'describe-vpcs.json': vpcs('vpc-1'),
    'prod/us-east-1/describe-vpcs.10.json': vpcs('vpc-10'),
    'prod/us-east-1/describe-vpcs.9.json.gz': gzipSync(vpcs('vpc-9')),
    'prod/us-east-1/describe-vpc-attribute.vpc-9.enableDnsSupport.json':
      '{"EnableDnsSupport":{"Value":true}}',
    'prod/eu-west-1/list-functions.json':
      '{"Functions":[{"FunctionName":"f","Environment":{"Variables":{"P":"hunter2"}}}]}',
    'prod/eu-west-1/describe-new-things.json': '{"NewThings":[]}',
    'README.md': 'not JSON',
    '.hidden/describe-vpcs.json': '{',
  })
  const { snapshot, problems } = await readSnapshot(root)
  t.strictSame(problems, [])
  t.equal(snapshot.takenAt, null)
  t.strictSame(
    snapshot.documents.map(({ scope, call, key, file }) => [scope, call, key, file]),
    [
      ['', 'describe-vpcs', '', 'describe-vpcs.json'],
      ['prod/eu-west-1', 'describe-new-things', '', 'prod/eu-west-1/describe-new-things.json'],
      ['prod/eu-west-1', 'list-functions', '', 'prod/eu-west-1/list-functions.json'],
      [
        'prod/us-east-1',
        'describe-vpc-attribute',
        'vpc-9.enableDnsSupport',
        'prod/us-east-1/describe-vpc-attribute.vpc-9.enableDnsSupport.json',
      ],
      ['prod/us-east-1', 'describe-vpcs', '', 'prod/us-east-1/describe-vpcs.9.json.gz'],
      ['prod/us-east-1', 'describe-vpcs', '', 'prod/us-east-1/describe-vpcs.10.json'],
    ],
    'sorted, pages by number',
  )
  t.notMatch(JSON.stringify(snapshot), 'hunter2', 'secrets do not enter')
})

t.test('manifests: the oldest time counts, gaps belong to their folder', async (t) => {
  const missing = (scope: string) => [
    { scope, call: 'describe-network-acls', key: '', code: 'UnauthorizedOperation', message: 'denied' },
  ]
  const root = await folder(t, {
    'a/snapshot.json': JSON.stringify({
      version: 1,
      takenAt: '2026-02-01T00:00:00Z',
      missing: missing('us-east-1'),
    }),
    'b/snapshot.json': JSON.stringify({
      version: 1,
      takenAt: '2026-01-01T00:00:00Z',
      missing: missing(''),
      more: 1,
    }),
    'a/us-east-1/describe-vpcs.json': vpcs('vpc-1'),
  })
  const { snapshot, problems } = await readSnapshot(root)
  t.strictSame(problems, [])
  t.equal(snapshot.takenAt, '2026-01-01T00:00:00.000Z')
  t.strictSame(
    snapshot.missing.map(({ scope, call, code }) => [scope, call, code]),
    [
      ['a/us-east-1', 'describe-network-acls', 'UnauthorizedOperation'],
      ['b', 'describe-network-acls', 'UnauthorizedOperation'],
    ],
  )
})

t.test('an answer fills a gap of the manifest, a page alone does not fill a broken one', async (t) => {
  const call = (name: string) => ({ scope: 'x', call: name, key: '', code: 'AccessDenied', message: '' })
  const root = await folder(t, {
    'snapshot.json': JSON.stringify({
      version: 1,
      missing: [call('describe-vpcs'), call('describe-subnets')],
    }),
    'x/describe-vpcs.json': vpcs('vpc-1'),
    'x/describe-addresses.1.json': '{"Addresses":[]}',
    'x/describe-addresses.2.json': '{"Addresses":[',
  })
  const { snapshot } = await readSnapshot(root)
  t.strictSame(snapshot.missing.map(({ call }) => call).sort(), ['describe-addresses', 'describe-subnets'])
})

t.test('a manifest with faults', async (t) => {
  const { snapshot, problems } = snapshotFromDocuments({
    files: {
      'snapshot.json': {
        version: 9,
        takenAt: 'yesterday',
        regions: 'us',
        missing: [{ call: 'describe-vpcs' }, { key: 1 }, 2],
      },
      'x/snapshot.json': [],
      'y/snapshot.json': { version: 'one', missing: {} },
    },
  })
  t.strictSame(
    problems.map(({ file, pointer }) => `${file}#${pointer}`),
    [
      'snapshot.json#/version',
      'snapshot.json#/takenAt',
      'snapshot.json#/regions',
      'snapshot.json#/missing/1',
      'snapshot.json#/missing/2',
      'x/snapshot.json#',
      'y/snapshot.json#/version',
      'y/snapshot.json#/missing',
    ],
  )
  t.equal(snapshot.missing.length, 1)
})

t.test('what is wrong is named, and the rest is read', async (t) => {
  const root = await folder(t, {
    'describe-vpcs.json': vpcs('vpc-1'),
    'describe-vpcs.json.gz': gzipSync(vpcs('vpc-2')),
    'describe-subnets.json': '{"Subnets": [\n  {"SubnetId": subnet-1}]}',
    'describe-route-tables.json': '[]',
    'describe-network-acls.json.gz': gzipSync('{}').subarray(0, 12),
    'describe-security-group.json': '{"SecurityGroups":[]}',
    'describe-nat-gateways.json': `{"NatGateways":${'['.repeat(120)}${']'.repeat(120)}}`,
  })
  const { snapshot, problems } = await readSnapshot(root)
  t.match(problems, [
    { file: 'describe-nat-gateways.json', message: /deeper than 100 levels/ },
    { file: 'describe-network-acls.json.gz', message: /not a whole gzip file/ },
    { file: 'describe-route-tables.json', pointer: '', message: /expected an object.*found an array of 0/ },
    { file: 'describe-security-group.json', message: /did you mean describe-security-groups\?/ },
    {
      file: 'describe-subnets.json',
      pointer: '/Subnets/0/SubnetId',
      message: /line 2, column 16: expected a value, found "subnet-1/,
    },
    { file: 'describe-vpcs.json.gz', message: /the same call as describe-vpcs\.json/ },
  ])
  t.equal(problems.length, 6)
  t.strictSame(
    snapshot.documents.map(({ file }) => file),
    ['describe-security-group.json', 'describe-vpcs.json'],
  )
  t.strictSame(
    snapshot.missing.map(({ call, code }) => [call, code]),
    ['describe-nat-gateways', 'describe-network-acls', 'describe-route-tables', 'describe-subnets'].map(
      (call) => [call, 'UnreadableFile'],
    ),
    'what a broken file would have said is unknown, not "there is none"',
  )
})

t.test('bounds', async (t) => {
  const root = await folder(t, {
    'describe-vpcs.json': vpcs('vpc-1'),
    'describe-subnets.json': JSON.stringify({ Subnets: 'x'.repeat(2000) }),
    'describe-addresses.json.gz': gzipSync(JSON.stringify({ Addresses: 'x'.repeat(100_000) })),
    'a/b/c/describe-vpcs.json': vpcs('vpc-2'),
  })
  const { snapshot, problems } = await readSnapshot(root, { ...READ_LIMITS, fileBytes: 1000, depth: 2 })
  t.match(problems, [
    { file: 'a/b/c', message: /more than 2 levels deep/ },
    { file: 'describe-addresses.json.gz', message: /larger than 1000 bytes/ },
    { file: 'describe-subnets.json', message: /larger than 1000 bytes/ },
  ])
  t.equal(snapshot.documents.length, 1)
  t.match((await readSnapshot(root, { ...READ_LIMITS, totalBytes: 1500 })).problems, [
    { message: /the snapshot is larger than 1500 bytes/ },
    { message: /the snapshot is larger/ },
  ])
  await t.rejects(readSnapshot(root, { ...READ_LIMITS, files: 2 }), /more than 2 JSON files/)
})

t.test('links stay within the folder', async (t) => {
  const outside = await folder(t, { 'secret.json': '{"a":1}' })
  const inner = join(outside, 'inner')
  await mkdir(inner)
  await writeFile(join(inner, 'real.json'), vpcs('vpc-1'))
  await symlink(join(outside, 'secret.json'), join(inner, 'describe-subnets.json'))
  await symlink('real.json', join(inner, 'describe-vpcs.json'))
  await symlink('describe-addresses.json', join(inner, 'describe-addresses.json'))
  await link(join(inner, 'real.json'), join(inner, 'describe-instances.json'))
  await symlink(inner, join(outside, 'alias'))
  const { snapshot, problems } = await readSnapshot(join(outside, 'alias'))
  t.match(problems, [
    { file: 'describe-addresses.json', message: /leads to itself/ },
    { file: 'describe-subnets.json', message: /leads out of the snapshot/ },
  ])
  t.ok(snapshot.documents.some(({ call }) => call === 'describe-vpcs'))
})

t.test('no folder, no snapshot', async (t) => {
  const root = await folder(t, { 'notes.txt': '' })
  await t.rejects(readSnapshot(root), SnapshotFolderError)
  await t.rejects(readSnapshot(root), /named after AWS CLI commands/)
  await t.rejects(readSnapshot(join(root, 'none')), /none: no such file or folder/)
  await t.rejects(readSnapshot(join(root, 'notes.txt')), /expected a folder/)
})

t.test('documents handed over as one value', async (t) => {
  const { snapshot, problems } = snapshotFromDocuments({
    files: { 'us-east-1/describe-vpcs.json': { Vpcs: [] }, 'describe-vpcs': {}, 'list-functions.json': null },
  })
  t.strictSame(
    snapshot.documents.map(({ scope, call }) => [scope, call]),
    [['us-east-1', 'describe-vpcs']],
  )
  t.match(problems, [
    { file: 'describe-vpcs', message: /expected the name of an AWS CLI command/ },
    { file: 'list-functions.json', message: /found null/ },
  ])
  for (const value of [null, 3, [], {}, { files: [] }]) {
    t.match(snapshotFromDocuments(value).problems, [{ pointer: '/files' }])
  }
})
