import { spawn } from 'node:child_process'
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { isBuiltin } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import t from 'tap'
import { Value } from 'typebox/value'
import { inlineSchemas, rdsCertificates } from '../../infra/build/inline-schemas.mjs'
import { targets } from '../../infra/build/targets.mjs'
import { CheckSchemas } from '../../probe/plan.schema.js'
import { ReportSchema } from '../../probe/report.schema.js'
import { VERSION } from '../../probe/version.js'
import { redisServer } from './support.js'

const root = fileURLToPath(new URL('../..', import.meta.url))
const folder = await mkdtemp(join(tmpdir(), 'sonde-bundle-'))
t.teardown(() => rm(folder, { recursive: true }))

// As `npm run build` builds it, to a place of its own: another test may be building too.
const bundle = join(folder, 'index.cjs')
const [probe] = targets(root, ['probe'])
if (!probe) throw new Error('no source for the probe')
const { metafile } = await build({ ...probe.options, outfile: bundle, metafile: true })

const lambda = {
  AWS_LAMBDA_FUNCTION_NAME: 'probe-a',
  AWS_LAMBDA_RUNTIME_API: '127.0.0.1:9001',
  AWS_REGION: 'eu-central-1',
}
// As small as a Lambda runtime can be: calls the handler, prints what it returns on stderr, and exits at once.
const host = `
  const { handler } = require(process.argv[1])
  const event = JSON.parse(process.argv[2])
  handler(event, { getRemainingTimeInMillis: () => 10000 }).then(
    (answer) => { process.stderr.write(JSON.stringify(answer)); process.exit(0) },
    (error) => { process.stderr.write(error.name + ': ' + error.message); process.exit(7) })`

function invokeBundle(
  event: object,
  env: Record<string, string> = {},
): Promise<{ code: number | null; out: string; err: string }> {
  const child = spawn(process.execPath, ['-e', host, bundle, JSON.stringify(event)], {
    env: { ...env },
    cwd: folder,
  })
  let out = ''
  let err = ''
  child.stdout.on('data', (chunk) => {
    out += chunk
  })
  child.stderr.on('data', (chunk) => {
    err += chunk
  })
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, out, err })))
}

t.test('one file within its limit, that requires nothing but Node', async (t) => {
  const { size } = await stat(bundle)
  t.ok(size <= 100_000, `${size} bytes`)
  const outputs = Object.values(metafile.outputs)
  t.equal(outputs.length, 1)
  const foreign = outputs.flatMap(({ imports }) => imports).filter(({ path }) => !isBuiltin(path))
  t.same(foreign, [])
  const inputs = Object.keys(metafile.inputs)
  t.notOk(
    inputs.some((path) => /node_modules\/(typebox|yaml|commander|@aws-sdk)\//.test(path)),
    'no TypeBox, no YAML, no SDK',
  )
  t.notOk(
    inputs.some((path) => path.startsWith('api/')),
    'the probe knows nothing of the API',
  )
})

t.test('it runs in a Lambda', async (t) => {
  const redis = await redisServer()
  t.teardown(redis.stop)
  const checks = [
    { name: 'loopback', kind: 'redis', host: '127.0.0.1', port: redis.port },
    { name: 'mapped', kind: 'tcp', host: '::ffff:127.0.0.1', port: redis.port },
    { name: 'named', kind: 'tcp', host: 'localhost', port: redis.port },
    { name: 'metadata', kind: 'http', url: 'http://169.254.169.254/latest/meta-data/' },
    { name: 'credentials', kind: 'http', url: 'http://169.254.170.2/' },
  ]
  const { code, out, err } = await invokeBundle({ plan: { version: 1, checks } }, lambda)
  t.equal(code, 0)
  t.equal(out.split('\n').length, 2, 'one line')
  const report = JSON.parse(out)
  t.ok(Value.Check(ReportSchema, report))
  t.same(JSON.parse(err).reports, [report], 'the answer is what was printed')
  t.same(new Set(report.results.map(({ outcome }: { outcome: string }) => outcome)), new Set(['not_allowed']))
  t.equal(redis.accepted(), 0, 'nothing of the Lambda itself was contacted')
  t.match(report.probe, { function: 'probe-a', version: VERSION, region: 'eu-central-1', coldStart: true })
})

t.test('every kind of check is in it', async (t) => {
  const where = { host: '127.0.0.1', port: 9 }
  const specifics: Record<string, object> = {
    dns: { host: 'localhost' },
    http: { url: 'http://127.0.0.1:9/' },
    aws: { service: 'sts', region: 'eu-central-1', endpoint: '127.0.0.1:9' },
  }
  const checks = Object.keys(CheckSchemas).map((kind) => ({
    name: kind,
    kind,
    ...(specifics[kind] ?? where),
  }))
  const { code, out } = await invokeBundle({ plan: { version: 1, checks } }, lambda)
  t.equal(code, 0)
  for (const result of JSON.parse(out).results) {
    t.equal(result.outcome, result.kind === 'dns' ? 'ok' : 'not_allowed', result.kind)
  }
})

t.test('a bad plan: the line on stdout, the error to the caller', async (t) => {
  const { code, out, err } = await invokeBundle(
    { plan: { version: 1, checks: [{ name: 'x', kind: 'tcp', prot: 1, host: 'x' }] } },
    lambda,
  )
  t.equal(code, 7)
  t.match(JSON.parse(out), { sonde: 1, error: { code: 'bad_plan' }, probe: { function: 'probe-a' } })
  t.equal(
    err,
    'BadPlan: event: /checks/0: port is missing; /checks/0/prot: unknown property; did you mean port?',
  )
})

t.test('assets and the plan lie beside it', async (t) => {
  await writeFile(
    join(folder, 'plan.json'),
    JSON.stringify({ version: 1, checks: [{ name: 'bundled', kind: 'dns', host: 'localhost' }] }),
  )
  t.teardown(() => rm(join(folder, 'plan.json')))
  const { out } = await invokeBundle({}, lambda)
  t.match(JSON.parse(out), { results: [{ check: 'bundled' }] })
  const pem = rdsCertificates(root)
  t.ok((pem.match(/-----BEGIN CERTIFICATE-----/g) ?? []).length > 50)
  t.equal(
    (pem.match(/-----BEGIN CERTIFICATE-----/g) ?? []).length,
    (pem.match(/-----END CERTIFICATE-----\n/g) ?? []).length,
  )
})

t.test('inlined schemas say what the schemas say', async (t) => {
  const file = join(folder, 'schemas.mjs')
  await build({
    entryPoints: [join(root, 'probe/plan.schema.ts')],
    outfile: file,
    bundle: true,
    format: 'esm',
    platform: 'node',
    plugins: [inlineSchemas(root)],
  })
  t.notMatch(await readFile(file, 'utf8'), /typebox/i)
  const inlined = await import(file)
  // Without the words of choices and constants, which nothing in the bundle tells.
  const untold = (_: string, value: unknown): unknown => {
    if (typeof value !== 'object' || value === null || !('enum' in value || 'const' in value)) return value
    return Object.fromEntries(Object.entries(value).filter(([key]) => key !== 'description'))
  }
  t.same(inlined.CheckSchemas, JSON.parse(JSON.stringify(CheckSchemas, untold)))
})

t.test('sonde/probe loads the probe only when a sonde event comes', async (t) => {
  const [library] = targets(root, ['probe-lib'])
  if (!library) throw new Error('no source for the library')
  const outdir = join(folder, 'lib')
  await build({ ...library.options, outdir })
  await writeFile(join(outdir, 'package.json'), '{"type":"module"}')
  const entry = join(outdir, 'index.js')
  const text = await readFile(entry, 'utf8')
  t.ok(text.length < 5000, `the entry is small (${text.length})`)
  t.notMatch(text, /^import /m, 'and brings nothing by itself')
  t.same(Object.keys(await import(entry)), ['withSonde'])
})

t.test('the version is that of the package', async (t) => {
  t.equal(JSON.parse(await readFile(join(root, 'package.json'), 'utf8')).version, VERSION)
})
