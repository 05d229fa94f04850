import { spawnSync } from 'node:child_process'
import { createHash, createHmac } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import type { IncomingMessage, RequestListener } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import t from 'tap'
import { aws } from '../../probe/checks/aws.js'
import { awsServices } from '../../probe/checks/aws-services.js'
import type { Finding } from '../../probe/checks/check.js'
import { reached } from '../../probe/outcome.js'
import type { AwsCheck } from '../../probe/plan.schema.js'
import { certificates } from '../support/certs.js'
import { answering, httpServer, silent } from '../support/servers.js'
import { destinationOf, testIo } from './transport.js'

const pems = await certificates
const credentials = {
  AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
  AWS_SECRET_ACCESS_KEY: 'secretsecret',
  AWS_SESSION_TOKEN: 'token',
}

interface Wish extends Partial<AwsCheck> {
  readonly env?: Record<string, string>
  readonly timeoutMs?: number
}

function probe(port: number, wish: Wish = {}): Promise<Finding> {
  const { env = credentials, timeoutMs = 5000, ...more } = wish
  const check: AwsCheck = {
    kind: 'aws',
    name: 'x',
    service: 'sts',
    region: 'eu-central-1',
    endpoint: `https://localhost:${port}`,
    caFile: 'ca.pem',
    ...more,
  }
  const io = { ...testIo({ timeoutMs, assets: { 'ca.pem': pems.valid.ca } }), env }
  return aws.probe(check, destinationOf({ host: '127.0.0.1', port }, 'localhost'), io)
}

async function answer(
  t: { teardown: (run: () => Promise<void>) => void },
  status: number,
  headers: Record<string, string>,
  body: string,
  wish: Wish = {},
): Promise<Finding> {
  const server = await httpServer((_request, response) => response.writeHead(status, headers).end(body), {
    key: pems.valid.key,
    cert: pems.valid.cert,
  })
  t.teardown(() => server.close())
  return probe(server.port, wish)
}

const ID = '0a1b2c3d-1111-2222-3333-444455556666'
const query = (code: string, message: string): string =>
  `<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error><RequestId>${ID}</RequestId></ErrorResponse>`
const ec2 = (code: string, message: string): string =>
  `<?xml version="1.0" encoding="UTF-8"?>\n<Response><Errors><Error><Code>${code}</Code><Message>${message}</Message></Error></Errors><RequestID>${ID}</RequestID></Response>`
const s3 = (code: string, message: string): string =>
  `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>${message}</Message><RequestId>ABC</RequestId><HostId>xyz=</HostId></Error>`
const json = (type: string, message: string): string => JSON.stringify({ __type: type, message })
const USER = 'User: arn:aws:sts::123456789012:assumed-role/r/s is not authorized to perform:'

t.test('the signed request is what AWS expects', async (t) => {
  const seen: { headers: Record<string, unknown>; url: string; method: string; body: string }[] = []
  const listener: RequestListener = (request, response) => {
    let body = ''
    request.on('data', (chunk: Buffer) => {
      body += chunk.toString()
    })
    request.on('end', () => {
      seen.push({ headers: request.headers, url: request.url ?? '', method: request.method ?? '', body })
      response.writeHead(200, { 'x-amzn-requestid': ID }).end('{}')
    })
  }
  const server = await httpServer(listener, { key: pems.valid.key, cert: pems.valid.cert })
  t.teardown(() => server.close())
  t.match(await probe(server.port, { service: 'dynamodb' }), {
    outcome: 'ok',
    phases: { connect: Number, tls: Number, exchange: Number },
    detail: {
      awsService: 'dynamodb',
      awsSigned: true,
      awsRequestId: ID,
      httpStatus: 200,
      serverName: 'localhost',
    },
  })
  await probe(server.port, { service: 's3' })
  await probe(server.port, { service: 'lambda' })
  await probe(server.port, { service: 'lambda', signed: false })
  const [dynamodb, bucket, lambda, unsigned] = seen
  t.match(dynamodb, {
    method: 'POST',
    url: '/',
    body: '{"Limit":1}',
    headers: {
      host: `localhost:${server.port}`,
      'content-length': '11',
      'content-type': 'application/x-amz-json-1.0',
      'x-amz-target': 'DynamoDB_20120810.ListTables',
      'x-amz-security-token': 'token',
      authorization:
        /^AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE\/\d{8}\/eu-central-1\/dynamodb\/aws4_request, SignedHeaders=[^,]*host[^,]*x-amz-date[^,]*, Signature=[0-9a-f]{64}$/,
    },
  })
  t.match(bucket, {
    method: 'GET',
    url: '/?max-buckets=1&x-id=ListBuckets',
    headers: { 'x-amz-content-sha256': String },
  })
  t.match(lambda, { method: 'GET', url: '/2015-03-31/functions?MaxItems=1' })
  t.equal(unsigned?.headers['authorization'], undefined)
})

/**
 * The signature that a request ought to have, worked out from what came in, by the letter of
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 */
function expectedSignature(request: IncomingMessage, body: string, secret: string): string {
  const authorization = String(request.headers['authorization'])
  const scope = /Credential=[^/]+\/([^,]+)/.exec(authorization)?.[1] ?? ''
  const names = (/SignedHeaders=([^,]+)/.exec(authorization)?.[1] ?? '').split(';')
  const [path = '', search = ''] = (request.url ?? '').split('?')
  const hash = (text: string): string => createHash('sha256').update(text).digest('hex')
  const canonical = [
    request.method,
    path,
    search.split('&').sort().join('&'),
    ...names.map((name) => `${name}:${String(request.headers[name]).trim()}`),
    '',
    names.join(';'),
    request.headers['x-amz-content-sha256'] ?? hash(body),
  ].join('\n')
  const toSign = ['AWS4-HMAC-SHA256', request.headers['x-amz-date'], scope, hash(canonical)].join('\n')
  const hmac = (key: string | Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest()
  const key = scope.split('/').reduce<string | Buffer>(hmac, `AWS4${secret}`)
  return hmac(key, toSign).toString('hex')
}

t.test('the signature of every call in the table is right', async (t) => {
  let verdict = ''
  const server = await httpServer((request, response) => {
    let body = ''
    request.on('data', (chunk: Buffer) => {
      body += chunk.toString()
    })
    request.on('end', () => {
      const right = expectedSignature(request, body, credentials.AWS_SECRET_ACCESS_KEY)
      verdict = String(request.headers['authorization']).endsWith(`Signature=${right}`) ? 'right' : 'wrong'
      response.writeHead(200, { 'x-amzn-requestid': ID }).end()
    })
  })
  t.teardown(() => server.close())
  for (const [service, { signingName = service }] of Object.entries(awsServices)) {
    const found = await probe(server.port, { service, endpoint: `http://localhost:${server.port}` })
    t.equal(found.outcome, 'ok')
    t.equal(verdict, 'right', `${service}, signed for ${signingName}`)
  }
})

t.test('what each protocol answers', async (t) => {
  const id = { 'x-amzn-requestid': ID }
  const noRole = `${USER} kms:ListKeys because no identity-based policy allows the kms:ListKeys action`
  const noEndpoint = `${USER} sqs:listqueues on resource: arn:aws:sqs:eu-central-1:123456789012: because no VPC endpoint policy allows the sqs:listqueues action`
  const deny = `${USER} dynamodb:ListTables on resource: arn:aws:dynamodb:eu-central-1:123456789012:table/* with an explicit deny in a VPC endpoint policy`
  const cases: readonly [string, number, Record<string, string>, string, Wish, Finding['outcome'], object][] =
    [
      [
        'query',
        403,
        id,
        query('AccessDenied', `${USER} sns:ListTopics`),
        { service: 'sns' },
        'aws_access_denied',
        { awsErrorCode: 'AccessDenied', awsRequestId: ID },
      ],
      [
        'json',
        400,
        id,
        json('com.amazon.coral.service#AccessDeniedException', noRole),
        { service: 'kms' },
        'aws_access_denied',
        {
          awsErrorCode: 'AccessDeniedException',
          message: /because no identity-based policy allows the kms:ListKeys action$/,
        },
      ],
      [
        'rest',
        403,
        { ...id, 'x-amzn-errortype': 'AccessDeniedException:http://internal.amazon.com/x/' },
        '{"Message":"no"}',
        { service: 'lambda' },
        'aws_access_denied',
        { awsErrorCode: 'AccessDeniedException' },
      ],
      [
        'ec2',
        403,
        {},
        ec2('UnauthorizedOperation', 'You are not authorized'),
        { service: 'ec2' },
        'aws_access_denied',
        { awsErrorCode: 'UnauthorizedOperation', awsRequestId: ID },
      ],
      [
        's3',
        403,
        { 'x-amz-request-id': 'ABC' },
        s3('AccessDenied', 'Access Denied'),
        { service: 's3' },
        'aws_access_denied',
        { awsErrorCode: 'AccessDenied' },
      ],
      [
        'no VPC endpoint policy allows',
        403,
        id,
        json('AccessDeniedException', noEndpoint),
        { service: 'sqs' },
        'aws_endpoint_policy_denied',
        { awsErrorCode: 'AccessDeniedException' },
      ],
      [
        'a VPC endpoint policy denies',
        400,
        id,
        json('AccessDeniedException', deny),
        { service: 'dynamodb' },
        'aws_endpoint_policy_denied',
        {},
      ],
      [
        'S3 by an endpoint policy',
        403,
        { 'x-amz-request-id': 'ABC' },
        s3(
          'AccessDenied',
          `${USER} s3:ListAllMyBuckets because no VPC endpoint policy allows the s3:ListAllMyBuckets action`,
        ),
        { service: 's3' },
        'aws_endpoint_policy_denied',
        {},
      ],
      [
        'query-compatible json, by its header',
        400,
        { ...id, 'x-amzn-query-error': 'AccessDenied;Sender' },
        '{}',
        { service: 'sqs' },
        'aws_access_denied',
        { awsErrorCode: 'AccessDenied' },
      ],
      ['throttled, by its status alone', 429, id, '{}', { service: 'kms' }, 'aws_throttled', {}],
      [
        'throttled, json',
        400,
        id,
        json('ThrottlingException', 'Rate exceeded'),
        { service: 'kms' },
        'aws_throttled',
        {},
      ],
      ['throttled, query', 400, id, query('Throttling', 'Rate exceeded'), {}, 'aws_throttled', {}],
      [
        'throttled, 429',
        429,
        { ...id, 'x-amzn-errortype': 'TooManyRequestsException' },
        '{}',
        { service: 'lambda' },
        'aws_throttled',
        {},
      ],
      [
        'throttled, S3',
        503,
        { 'x-amz-request-id': 'ABC' },
        s3('SlowDown', 'Please reduce your request rate.'),
        { service: 's3' },
        'aws_throttled',
        {},
      ],
      [
        'its own fault',
        500,
        id,
        json('InternalFailure', 'x'),
        { service: 'kms' },
        'aws_failed',
        { awsErrorCode: 'InternalFailure' },
      ],
      [
        'a request that it refuses',
        400,
        id,
        json('ValidationException', 'x'),
        { service: 'kms' },
        'aws_failed',
        { awsErrorCode: 'ValidationException' },
      ],
      [
        'a clock that is off',
        400,
        id,
        json('InvalidSignatureException', 'Signature expired'),
        { service: 'kms' },
        'aws_access_denied',
        { awsErrorCode: 'InvalidSignatureException' },
      ],
      [
        'credentials that are expired',
        403,
        id,
        query('ExpiredToken', 'x'),
        {},
        'aws_access_denied',
        { awsErrorCode: 'ExpiredToken' },
      ],
      [
        'unknown credentials',
        400,
        id,
        json('UnrecognizedClientException', 'x'),
        { service: 'kms' },
        'aws_access_denied',
        {},
      ],
      [
        'unsigned',
        403,
        id,
        query('MissingAuthenticationToken', 'Request is missing Authentication Token'),
        { env: {} },
        'ok',
        { awsSigned: false, awsErrorCode: 'MissingAuthenticationToken' },
      ],
      [
        'unsigned, S3',
        307,
        { 'x-amz-request-id': 'ABC', location: 'https://aws.amazon.com/s3/' },
        '',
        { service: 's3', env: {} },
        'ok',
        { httpStatus: 307 },
      ],
      [
        'unsigned, by an endpoint policy',
        403,
        id,
        json('AccessDeniedException', noEndpoint),
        { service: 'sqs', env: {} },
        'aws_endpoint_policy_denied',
        {},
      ],
      ['unsigned, its own fault', 503, id, '', { env: {} }, 'aws_failed', {}],
      [
        'a service not in the table',
        404,
        id,
        '<UnknownOperationException/>',
        { service: 'brand-new' },
        'ok',
        { awsSigned: false },
      ],
      [
        'API Gateway without a stage',
        403,
        { ...id, 'x-amzn-errortype': 'ForbiddenException' },
        '{"message":"Forbidden"}',
        { service: 'execute-api' },
        'ok',
        {},
      ],
      ["a portal's page", 200, {}, '<html>Sign in</html>', {}, 'protocol_mismatch', { httpStatus: 200 }],
      ["a proxy's refusal", 403, { server: 'squid' }, '<html>blocked</html>', {}, 'protocol_mismatch', {}],
      ["another service's JSON", 403, {}, '{"message":"Forbidden"}', {}, 'protocol_mismatch', {}],
      ['a portal of many kB', 200, {}, 'x'.repeat(300_000), {}, 'protocol_mismatch', {}],
    ]
  for (const [name, status, headers, body, wish, outcome, detail] of cases) {
    const found = await answer(t, status, headers, body, wish)
    t.equal(found.outcome, outcome, name)
    t.match(found.detail, detail, name)
    t.equal(reached(found.outcome), 'true')
    t.notMatch(JSON.stringify(found), /123456789012|assumed-role/, 'names neither account nor principal')
  }
})

t.test('which way', async (t) => {
  const ok = [200, { 'x-amzn-requestid': ID }, '{}'] as const
  t.equal((await answer(t, ...ok, { via: 'endpoint' })).outcome, 'ok', 'a private address')
  t.equal((await answer(t, ...ok, { via: 'endpoint' })).detail?.pathTold, true)
  t.equal((await answer(t, ...ok)).detail?.pathTold, undefined, 'nobody asked')
})

t.test('which way, from public addresses', { skip: namespaces() }, async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'sonde-aws-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  const script = join(folder, 'via.mjs')
  await build({
    entryPoints: [fileURLToPath(new URL('support-aws-via.ts', import.meta.url))],
    outfile: script,
    bundle: true,
    platform: 'node',
    format: 'esm',
    logLevel: 'error',
  })
  const up =
    'ip link set lo up && ip addr add 52.94.5.1/32 dev lo && ip -6 addr add 2600:1f00::1/128 dev lo nodad && exec "$@"'
  const child = spawnSync('unshare', ['-rn', 'sh', '-c', up, 'sh', process.execPath, script], {
    encoding: 'utf8',
  })
  t.equal(child.status, 0, child.stderr)
  t.match(JSON.parse(child.stdout), {
    'sts endpoint': {
      outcome: 'wrong_path',
      endedIn: 'exchange',
      detail: { message: /52\.94\.5\.1.*public/ },
    },
    'sts any': { outcome: 'ok' },
    's3 endpoint': { outcome: 'ok', detail: { pathTold: false } },
    'dynamodb any': { outcome: 'ok', detail: { pathTold: false } },
    'sts endpoint v6': { outcome: 'ok', detail: { pathTold: false } },
  })
})

t.test('connections that do not come about', async (t) => {
  const tls = await httpServer((_request, response) => response.end(), {
    key: pems.untrusted.key,
    cert: pems.untrusted.cert,
  })
  t.match(await probe(tls.port), { outcome: 'tls_untrusted', endedIn: 'tls' })
  await tls.close()
  const mute = await silent()
  t.match(await probe(mute.port, { timeoutMs: 100 }), { outcome: 'exchange_timeout', endedIn: 'tls' })
  await mute.close()
  const ssh = await answering('SSH-2.0-OpenSSH_9.2\r\n')
  t.equal((await probe(ssh.port, { endpoint: `http://localhost:${ssh.port}` })).outcome, 'protocol_mismatch')
  await ssh.close()
})

t.test('plain http, for emulators', async (t) => {
  const server = await httpServer((_request, response) =>
    response.writeHead(200, { 'x-amzn-requestid': ID }).end(),
  )
  t.teardown(() => server.close())
  const endpoint = `http://localhost:${server.port}`
  t.match(await probe(server.port, { endpoint, holdMs: 50 }), { outcome: 'ok', detail: { heldMs: 50 } })
  t.same(aws.endpoint({ kind: 'aws', name: 'x', service: 'sts', endpoint }, {}), {
    host: 'localhost',
    port: server.port,
    target: endpoint,
  })
  t.match(aws.endpoint({ kind: 'aws', name: 'x', service: 'sts' }, { AWS_REGION: 'cn-north-1' }), {
    target: 'https://sts.cn-north-1.amazonaws.com.cn',
  })
})

/** The reason for a skip where this machine grants no network namespace; CI must. */
function namespaces(): string | false {
  const tried = spawnSync('unshare', ['-rn', 'ip', 'link', 'set', 'lo', 'up'])
  if (tried.status === 0) return false
  if (process.env['CI'] === 'true') throw new Error('CI needs unshare and ip')
  return 'no network namespaces here (unshare -rn, ip)'
}
