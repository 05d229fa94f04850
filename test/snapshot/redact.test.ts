import t from 'tap'
import { redact, TooDeepError } from '../../api/snapshot/redact.js'

const SECRET = 'hunter2-never-in-a-snapshot'

t.test('secrets go, everything else stays', async (t) => {
  const functions = {
    Functions: [
      {
        FunctionName: 'orders',
        Environment: { Variables: { DB_PASSWORD: SECRET } },
        VpcConfig: { VpcId: 'vpc-1', SubnetIds: ['subnet-1'] },
      },
    ],
  }
  const table: readonly (readonly [string, unknown, unknown])[] = [
    [
      'Lambda environment',
      functions,
      { Functions: [{ FunctionName: 'orders', VpcConfig: { VpcId: 'vpc-1', SubnetIds: ['subnet-1'] } }] },
    ],
    [
      'get-function: environment and presigned code link',
      {
        Configuration: { FunctionName: 'f', Environment: { Error: { Message: SECRET } } },
        Code: { RepositoryType: 'S3', Location: `https://x/?X-Amz-Signature=${SECRET}` },
      },
      { Configuration: { FunctionName: 'f' }, Code: { RepositoryType: 'S3' } },
    ],
    ['user data', { InstanceId: 'i-1', UserData: { Value: SECRET } }, { InstanceId: 'i-1' }],
    [
      'VPN keys',
      {
        VpnConnections: [
          {
            CustomerGatewayConfiguration: `<pre_shared_key>${SECRET}`,
            Options: { TunnelOptions: [{ PreSharedKey: SECRET, OutsideIpAddress: '192.0.2.1' }] },
          },
        ],
      },
      { VpnConnections: [{ Options: { TunnelOptions: [{ OutsideIpAddress: '192.0.2.1' }] } }] },
    ],
    [
      'password',
      { PendingModifiedValues: { MasterUserPassword: SECRET, Port: 1 } },
      { PendingModifiedValues: { Port: 1 } },
    ],
    ['camel case', { authKey: SECRET, vlan: 1 }, { vlan: 1 }],
    [
      'text records',
      {
        ResourceRecordSets: [
          { Name: 'a.', Type: 'TXT', ResourceRecords: [{ Value: SECRET }] },
          { Name: 'a.', Type: 'A', ResourceRecords: [{ Value: '10.0.0.1' }] },
        ],
      },
      {
        ResourceRecordSets: [
          { Name: 'a.', Type: 'TXT' },
          { Name: 'a.', Type: 'A', ResourceRecords: [{ Value: '10.0.0.1' }] },
        ],
      },
    ],
  ]
  for (const [name, body, expected] of table) t.strictSame(redact(body), expected, name)
  t.equal(functions.Functions[0]?.Environment.Variables.DB_PASSWORD, SECRET, 'the input is not changed')
})

t.test('a document without secrets is shared, not copied', async (t) => {
  const body = { Vpcs: [{ VpcId: 'vpc-1', Location: 'here', Environment: 'prod' }] }
  t.equal(redact({ ...body, Vpcs: body.Vpcs }) !== body, true)
  t.equal(redact(body), body)
})

t.test('nesting is bounded', async (t) => {
  let body: unknown = 1
  for (let depth = 0; depth < 150_000; depth++) body = [body]
  t.throws(() => redact(body), TooDeepError)
})
