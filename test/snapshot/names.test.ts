import fc from 'fast-check'
import t from 'tap'
import { KNOWN_CALLS } from '../../api/snapshot/known-calls.js'
import { parseSnapshotName, snapshotFileName, suggestCall } from '../../api/snapshot/names.js'

const SEED = 20260101

const document = (
  call: string,
  rest: { scope?: string; key?: string; page?: number; gzip?: boolean } = {},
) => ({
  kind: 'document',
  scope: rest.scope ?? '',
  call,
  key: rest.key ?? '',
  page: rest.page ?? null,
  gzip: rest.gzip ?? false,
})

t.test('what a file name says', async (t) => {
  const table: readonly (readonly [string, unknown])[] = [
    ['describe-vpcs.json', document('describe-vpcs')],
    ['describe-vpcs.json.gz', document('describe-vpcs', { gzip: true })],
    ['describe-vpcs.JSON', document('describe-vpcs')],
    ['prod/ap-northeast-2/list-functions.json', document('list-functions', { scope: 'prod/ap-northeast-2' })],
    ['./list-functions.json', document('list-functions')],
    ['describe-vpcs.1.json', document('describe-vpcs', { page: 1 })],
    ['describe-vpcs.page-12.json.gz', document('describe-vpcs', { page: 12, gzip: true })],
    ['describe-vpcs.page_3.json', document('describe-vpcs', { page: 3 })],
    ['describe-vpcs.page3.json', document('describe-vpcs', { page: 3 })],
    [
      'search-transit-gateway-routes.tgw-rtb-1.json',
      document('search-transit-gateway-routes', { key: 'tgw-rtb-1' }),
    ],
    [
      'search-transit-gateway-routes.tgw-rtb-1.2.json',
      document('search-transit-gateway-routes', { key: 'tgw-rtb-1', page: 2 }),
    ],
    [
      'describe-vpc-attribute.vpc-1.enableDnsSupport.json',
      document('describe-vpc-attribute', { key: 'vpc-1.enableDnsSupport' }),
    ],
    ['get-function-configuration.7.json', document('get-function-configuration', { key: '7' })],
    ['get-function-configuration.page-2.json', document('get-function-configuration', { key: 'page-2' })],
    ['ec2-describe-vpcs.json', document('describe-vpcs')],
    ['ec2.describe-vpcs.json', document('describe-vpcs')],
    ['aws-rds-describe-db-instances.2.json', document('describe-db-instances', { page: 2 })],
    ['ec2-describe-volumes.json', document('ec2-describe-volumes')],
    [
      'describe-target-health.arn%3Aaws%3Ax%2Fy.json',
      document('describe-target-health', { key: 'arn:aws:x/y' }),
    ],
    ['describe-vpcs.%zz.json', document('describe-vpcs', { key: '%zz' })],
    ['snapshot.json', { kind: 'manifest', scope: '', gzip: false }],
    ['eu/snapshot.json.gz', { kind: 'manifest', scope: 'eu', gzip: true }],
    ['README.md', { kind: 'other' }],
    ['.describe-vpcs.json', { kind: 'other' }],
    ['describe-vpcs.yaml', { kind: 'other' }],
    ['', { kind: 'other' }],
    ['../describe-vpcs.json', { kind: 'other' }],
    ['a/../../describe-vpcs.json', { kind: 'other' }],
    ['.git/describe-vpcs.json', { kind: 'other' }],
    ['a\u0000/describe-vpcs.json', { kind: 'other' }],
    ['describe-vpcs.json/describe-vpcs.json', { kind: 'other' }],
    ['snapshot.1.json', { kind: 'other' }],
    [`get-function.${'x'.repeat(230)}.json`, { kind: 'other' }],
  ]
  for (const [file, expected] of table) t.strictSame(parseSnapshotName(file), expected, file)
})

t.test('a written name reads back as the same call, key and page', async (t) => {
  const calls = fc.constantFrom(...KNOWN_CALLS.keys(), 'describe-volumes', 'x')
  const keys = fc.oneof(
    fc.string({ unit: 'binary-ascii' }),
    fc.string({ unit: 'grapheme' }),
    fc.constantFrom(
      '1',
      'page-2',
      'vpc-1.enableDnsSupport',
      'a.1',
      '..',
      '../../etc/passwd',
      'arn:aws:iam::1:role/x',
    ),
  )
  const pages = fc.option(fc.integer({ min: 0, max: 999_999 }))
  t.comment(`seed ${SEED}`)
  fc.assert(
    fc.property(calls, keys, pages, (call, key, page) => {
      // A page of an answer whose id isn't known is nothing that a snapshot can hold.
      const parts = key === '' ? 0 : key.includes('.') ? 2 : 1
      fc.pre(page === null || parts >= (KNOWN_CALLS.get(call)?.keyParts ?? 0))
      const name = snapshotFileName(call, key, page)
      fc.pre(name.length < 240)
      if (name.includes('/') || name.startsWith('.')) return false
      const parsed = parseSnapshotName(name)
      return parsed.kind === 'document' && parsed.call === call && parsed.key === key && parsed.page === page
    }),
    { seed: SEED, numRuns: 2000 },
  )
})

t.test('any path is read without a throw', async () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'binary' }),
      fc.constantFrom('', '.json', '.json.gz'),
      (name, extension) => {
        parseSnapshotName(name + extension)
        suggestCall(name)
      },
    ),
    { seed: SEED, numRuns: 2000 },
  )
})

t.test('a misspelt command is recognised', async (t) => {
  const table: readonly (readonly [string, string | null])[] = [
    ['describe-vpc', 'describe-vpcs'],
    ['describe-subnet', 'describe-subnets'],
    ['describe-securty-groups', 'describe-security-groups'],
    ['DescribeVpcs', 'describe-vpcs'],
    ['describe_route_tables', 'describe-route-tables'],
    ['describe-functions', 'list-functions'],
    ['vpcs', 'describe-vpcs'],
    ['describe-vpcs', null],
    ['describe-volumes', null],
    ['describe-images', null],
    ['package', null],
    ['', null],
  ]
  for (const [call, expected] of table) t.equal(suggestCall(call), expected, call)
})
