// Runs in a network namespace of its own, where there is nothing but loopback: starts moto as the AWS of this namespace, deploys
// by the CDK's own command and by CloudFormation, and prints what is there afterwards, read back by AWS's API.
import { execFileSync, spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { CloudWatchLogsClient, DescribeLogGroupsCommand } from '@aws-sdk/client-cloudwatch-logs'
import {
  GetRolePolicyCommand,
  IAMClient,
  ListRolePoliciesCommand,
  ListRolesCommand,
} from '@aws-sdk/client-iam'
import { LambdaClient, ListFunctionsCommand } from '@aws-sdk/client-lambda'

const [moto, planFile, zipFile, out] = process.argv.slice(2)
const root = fileURLToPath(new URL('../../../../', import.meta.url))
const ACCOUNT = '123456789012'
const REGION = 'eu-west-1'
// What the bootstrap makes.
const BUCKET = `cdk-hnb659fds-assets-${ACCOUNT}-${REGION}`
// By name: moto takes a template's address for its own where it says localhost.
const ENDPOINT = 'http://localhost:5000'
const env = {
  PATH: process.env.PATH,
  HOME: out,
  AWS_ENDPOINT_URL: ENDPOINT,
  AWS_ACCESS_KEY_ID: 'test',
  AWS_SECRET_ACCESS_KEY: 'test',
  AWS_REGION: REGION,
  AWS_EC2_METADATA_DISABLED: 'true',
  CDK_DISABLE_VERSION_CHECK: '1',
  CDK_DISABLE_CLI_TELEMETRY: 'true',
  CI: 'true',
  NO_COLOR: '1',
}
Object.assign(process.env, env)

const server = spawn(moto, ['-H', 'localhost', '-p', '5000'], { stdio: ['ignore', 'ignore', 'ignore'] })
try {
  await answering()
  cdk(out, ['bootstrap', `aws://${ACCOUNT}/${REGION}`])
  cdk(join(root, 'infra/aws'), [
    ...['deploy', '--require-approval', 'never'],
    ...['-c', `plan=${planFile}`, '-o', join(out, 'cdk.out')],
  ])
  await put(`/${BUCKET}/probe.zip`, readFileSync(zipFile))
  await createStack('sonde-logs', { LogGroupName: '/sonde/plain' })
  await createStack('sonde-probe', {
    Posture: 'plain',
    Subnet1: 'subnet-0a000000000000001',
    Subnet2: 'subnet-0a000000000000002',
    SecurityGroups: 'sg-0b000000000000001,sg-0b000000000000002',
    Plan: '{"version":1,"checks":[{"name":"db","kind":"tcp","host":"db.example.internal","port":5432}]}',
    Allow: 'db.example.internal:5432',
    AwsActions: 'dynamodb:ListTables',
    LogGroup: '/sonde/plain',
    CodeBucket: BUCKET,
    CodeKey: 'probe.zip',
    EveryMinutes: '1',
  })
  console.log(JSON.stringify(await whatIsThere()))
} finally {
  server.kill('SIGKILL')
}

function cdk(cwd, args) {
  const program = join(root, 'infra/aws/node_modules/aws-cdk/bin/cdk')
  execFileSync(process.execPath, [program, ...args, '--no-notices'], {
    cwd,
    env,
    stdio: ['ignore', 2, 2],
  })
}

async function answering() {
  for (let attempt = 0; attempt < 600; attempt++) {
    if (server.exitCode !== null) throw new Error(`moto ended with ${server.exitCode}`)
    const answer = await fetch(ENDPOINT).catch(() => undefined)
    if (answer) return
    await delay(100)
  }
  throw new Error('moto does not answer')
}

function headers(service) {
  // Moto reads service and region from the credential, and checks no signature.
  return {
    authorization: `AWS4-HMAC-SHA256 Credential=test/20260101/${REGION}/${service}/aws4_request, SignedHeaders=host, Signature=0`,
  }
}

async function put(path, body) {
  const answer = await fetch(ENDPOINT + path, { method: 'PUT', headers: headers('s3'), body })
  if (!answer.ok) throw new Error(`PUT ${path}: ${answer.status} ${await answer.text()}`)
}

async function createStack(name, parameters) {
  const form = new URLSearchParams({
    Action: 'CreateStack',
    Version: '2010-05-15',
    StackName: name,
    TemplateBody: readFileSync(join(root, `infra/cloudformation/${name}.yaml`), 'utf8'),
    'Capabilities.member.1': 'CAPABILITY_IAM',
  })
  for (const [index, [key, value]] of Object.entries(parameters).entries()) {
    form.set(`Parameters.member.${index + 1}.ParameterKey`, key)
    form.set(`Parameters.member.${index + 1}.ParameterValue`, value)
  }
  const answer = await fetch(ENDPOINT, { method: 'POST', headers: headers('cloudformation'), body: form })
  if (!answer.ok) throw new Error(`CreateStack ${name}: ${answer.status} ${await answer.text()}`)
}

async function whatIsThere() {
  const lambda = new LambdaClient({ region: REGION })
  const iam = new IAMClient({ region: REGION })
  const logs = new CloudWatchLogsClient({ region: REGION })
  const { Functions = [] } = await lambda.send(new ListFunctionsCommand({}))
  const { Roles = [] } = await iam.send(new ListRolesCommand({}))
  const policies = {}
  for (const { RoleName } of Roles.filter((role) => !role.RoleName.startsWith('cdk-'))) {
    const { PolicyNames = [] } = await iam.send(new ListRolePoliciesCommand({ RoleName }))
    policies[RoleName] = await Promise.all(
      PolicyNames.map(async (PolicyName) => {
        const { PolicyDocument } = await iam.send(new GetRolePolicyCommand({ RoleName, PolicyName }))
        // Moto prints a role's own policies as Python does.
        return JSON.parse(decodeURIComponent(PolicyDocument).replaceAll("'", '"'))
      }),
    )
  }
  const { logGroups = [] } = await logs.send(new DescribeLogGroupsCommand({}))
  return { functions: Functions, policies, logGroups }
}
