import t from 'tap'
import type { PlanFile } from '../../../api/discovery/plan-file.schema.js'
import { cdk, cdkIam, findings, newStack, resources, skip } from './support.js'

// Loading the library takes half a minute where others work on the machine too.
t.setTimeout(900_000)

const posture = (
  id: string,
  more: Partial<PlanFile['postures'][number]> = {},
): PlanFile['postures'][number] => ({
  id,
  region: 'eu-west-1',
  vpc: 'vpc-0c000000000000001',
  subnets: ['subnet-0a000000000000001', 'subnet-0a000000000000002'],
  securityGroups: ['sg-0b000000000000001'],
  functions: [`${id}-api`],
  plan: { version: 1, checks: [{ name: 'db', kind: 'tcp', host: 'db.example.internal', port: 5432 }] },
  ...more,
})

async function build(planFile: PlanFile, env = { account: '111122223333', region: 'eu-west-1' }) {
  const { SondeLogs, SondeProbes } = await import('../../../infra/aws/index.js')
  const stack = newStack(env)
  const { logGroup } = new SondeLogs(stack, 'Logs')
  return { stack, ...new SondeProbes(stack, 'Probes', { planFile, logGroup }) }
}

t.test('each enabled posture of a plan file is a nested stack with its probes', { skip }, async (t) => {
  const { stack, probes } = await build({
    version: 1,
    everyMinutes: 10,
    postures: [
      posture('orders'),
      posture('off', { enabled: false }),
      posture('mail', { everyMinutes: 1, ipv6: true }),
    ],
  })
  t.strictSame([...probes.keys()], ['orders', 'mail'])
  t.equal(resources(stack, 'AWS::CloudFormation::Stack').length, 2)
  t.equal(
    resources(stack, 'AWS::Lambda::Function').length,
    0,
    'a stack of 500 resources has room for hundreds',
  )
  const { Stack } = cdk()
  const [orders, mail] = [...probes.values()].map((probe) => Stack.of(probe))
  if (!orders || !mail) throw new Error('both are there')
  t.match(resources(orders, 'AWS::Lambda::Function'), [
    { Environment: { Variables: { SONDE_INTERVAL_MS: '600000', SONDE_WORKLOADS: 'orders-api' } } },
    { FunctionName: 'sonde-orders-00000002' },
  ])
  t.match(resources(orders, 'AWS::Scheduler::Schedule'), [{ ScheduleExpression: 'rate(10 minutes)' }])
  t.match(resources(mail, 'AWS::Scheduler::Schedule'), [{ ScheduleExpression: 'rate(1 minute)' }])
  t.match(resources(mail, 'AWS::Lambda::Function'), [{ VpcConfig: { Ipv6AllowedForDualStack: true } }])
  t.strictSame(findings(stack), [])
})

t.test('a posture of somewhere else is refused by name', { skip }, async (t) => {
  await t.rejects(
    build({
      version: 1,
      postures: [posture('far', { region: 'us-east-1' }), posture('other', { account: '999900001111' })],
    }),
    {
      name: 'BadProps',
      message:
        /posture far is in us-east-1, the stack in eu-west-1; posture other is in account 999900001111, the stack in 111122223333/,
    },
  )
})

t.test('cdk-nag speaks up where a wildcard has no reason', { skip }, async (t) => {
  const stack = newStack()
  const { PolicyStatement, Role, ServicePrincipal } = cdkIam()
  const role = new Role(stack, 'Role', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') })
  role.addToPolicy(new PolicyStatement({ actions: ['s3:*'], resources: ['*'] }))
  t.match(findings(stack), [/AwsSolutions-IAM5\[Action::s3:\*\]/, /AwsSolutions-IAM5\[Resource::\*\]/])
})
