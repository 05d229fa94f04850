import { once } from 'node:events'
import { readdir } from 'node:fs/promises'
import { createServer } from 'node:http'
import { join } from 'node:path'
import t from 'tap'
import { registerSnapshot } from '../../api/cli/snapshot.js'
import { readSnapshot } from '../../api/snapshot/read.js'
import { run } from './run.js'

const snapshot = (args: readonly string[], options = {}) =>
  run(registerSnapshot, ['snapshot', ...args], options)

t.test('the policy is printed without touching AWS', async (t) => {
  const { code, stdout, stderr } = await snapshot(['--policy', '--region', 'us-gov-west-1'])
  t.equal(code, 0)
  t.equal(stderr, '')
  const policy = JSON.parse(stdout)
  t.equal(policy.Version, '2012-10-17')
  t.ok(policy.Statement[0].Action.includes('ec2:DescribeVpcs'))
  t.match(stdout, /arn:aws-us-gov:iam/)
})

t.test('what is missing or wrong is told, exit 2', async (t) => {
  const root = t.testdir({ mine: { 'thesis.txt': 'ten years' } })
  const table: readonly (readonly [readonly string[], RegExp])[] = [
    [[], /--region is missing/],
    [['--region', 'eu-west-1'], /--out is missing/],
    [['--region', 'Europe', '--out', 'x'], /expected a region such as eu-west-1, found Europe/],
    [['--region', 'eu-west-1', '--out', 'mine'], /mine: holds files but no snapshot\.json/],
  ]
  for (const [args, message] of table) {
    const { code, stdout, stderr } = await snapshot(args, { cwd: root })
    t.equal(code, 2, args.join(' '))
    t.equal(stdout, '')
    t.match(stderr, message)
    t.match(stderr, /^sonde snapshot: [^\n]*\n$/, 'one line')
  }
  t.strictSame(await readdir(root), ['mine'])
})

t.test('denied calls are listed and recorded', async (t) => {
  const server = createServer((request, response) => {
    let text = ''
    request.on('data', (chunk: Buffer) => {
      text += chunk.toString()
    })
    request.on('end', () => {
      if (text.includes('Action=DescribeVpcs&')) {
        const xml =
          '<DescribeVpcsResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><vpcSet/></DescribeVpcsResponse>'
        return response.writeHead(200, { 'content-type': 'text/xml' }).end(xml)
      }
      return response
        .writeHead(403, { 'content-type': 'text/xml', 'x-amzn-errortype': 'AccessDeniedException' })
        .end(
          '<Response><Errors><Error><Code>UnauthorizedOperation</Code><Message>no</Message></Error></Errors></Response>',
        )
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
  Object.assign(process.env, {
    AWS_ENDPOINT_URL: `http://127.0.0.1:${address.port}`,
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_EC2_METADATA_DISABLED: 'true',
  })
  const root = t.testdir({})
  const { code, stdout, stderr } = await snapshot(
    ['--region', 'eu-west-1,us-east-1', '--out', 'out', '--gzip'],
    { cwd: root },
  )
  t.equal(stderr, '')
  t.equal(code, 0)
  t.match(stdout, /^out: 2 answers, \d+ missing\n/)
  t.match(stdout, /missing: us-east-1 describe-subnets: UnauthorizedOperation/)
  t.match(stdout, /unknown, not "there is\s+none"/)
  const reading = await readSnapshot(join(root, 'out'))
  t.strictSame(reading.problems, [])
  t.strictSame(reading.manifests[0]?.regions, ['eu-west-1', 'us-east-1'])
  t.strictSame(
    reading.snapshot.documents.map(({ file }) => file),
    ['eu-west-1/describe-vpcs.json.gz', 'us-east-1/describe-vpcs.json.gz'],
  )
  t.equal(
    reading.snapshot.missing.filter(({ call }) => call === 'list-hosted-zones').length,
    1,
    'global calls once',
  )
})
