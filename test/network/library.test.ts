import { execFileSync } from 'node:child_process'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t from 'tap'

const root = join(dirname(fileURLToPath(import.meta.url)), '../..')

t.test('the library is imported by its name, does nothing on import, and traces', (t) => {
  execFileSync(process.execPath, [join(root, 'infra/build/build.mjs'), '--only', 'network'], {
    cwd: root,
    stdio: 'pipe',
  })
  const script = `
    const before = Object.keys(globalThis).length
    const { buildModel, trace, parseSource, parseDestination } = await import('sonde/network')
    const empty = { takenAt: null, missing: [], documents: [
      { file: 'describe-subnets.json', scope: '', call: 'describe-subnets', key: '', body: { Subnets: 3 } } ] }
    const { problems } = buildModel(empty)
    const { model } = buildModel({ ...empty, documents: [] })
    const { verdict, missing } = trace(model, parseSource('orders-api'), parseDestination('internet').destination, { protocol: 'tcp', port: 443 })
    console.log(JSON.stringify({ globals: Object.keys(globalThis).length - before, pointer: problems[0].pointer, verdict, call: missing[0].call }))
  `
  const output = execFileSync(process.execPath, ['--input-type=module', '-e', script], {
    cwd: root,
    encoding: 'utf8',
  })
  t.same(JSON.parse(output), { globals: 0, pointer: '/Subnets', verdict: 'unknown', call: 'list-functions' })
  t.end()
})
