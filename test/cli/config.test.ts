import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { registerConfig } from '../../api/cli/config.js'
import { run } from './run.js'

const root = t.testdir({
  'good.yaml': 'server:\n  port: 9000\nfunctions:\n  - name: orders\n',
  'bad.yaml': 'server:\n  prot: 9000\ndata: 7\n',
  'good.json': '{"server": {"port": 9001}}',
})

t.test('a valid file is summed up, exit 0', async (t) => {
  const { code, stdout } = await run(registerConfig, ['config', 'check', 'good.yaml'], { cwd: root })
  t.equal(code, 0)
  t.match(stdout, 'good.yaml is valid.')
  t.match(stdout, '127.0.0.1:9000')
  t.match(stdout, '1 function, 0 tokens, 0 sources')
  const json = await run(registerConfig, ['config', 'check'], {
    cwd: root,
    env: { SONDE_CONFIG: 'good.json' },
  })
  t.match(json.stdout, '127.0.0.1:9001')
})

t.test('a wrong one is told by line and column, exit 2', async (t) => {
  const { code, stdout, stderr } = await run(registerConfig, ['config', 'check', 'bad.yaml'], { cwd: root })
  t.equal(code, 2)
  t.equal(stdout, '')
  t.equal(
    stderr,
    'bad.yaml:2:3: unknown key "prot"; did you mean "port"?\nbad.yaml:3:7: data must be a string, not 7\n',
  )
  const json = await run(registerConfig, ['config', 'check', 'bad.yaml', '--json'], { cwd: root })
  t.match(JSON.parse(json.stdout), {
    valid: false,
    problems: [
      { line: 2, column: 3 },
      { line: 3, column: 7 },
    ],
  })
})

t.test('no file, or none of that name', async (t) => {
  t.match(await run(registerConfig, ['config', 'check'], { cwd: root }), { code: 2, stderr: /name a file/ })
  t.match(await run(registerConfig, ['config', 'check', 'none.yaml'], { cwd: root }), {
    code: 2,
    stderr: 'none.yaml: no such file or folder\n',
  })
  writeFileSync(join(root, 'empty.yaml'), '')
  t.match(await run(registerConfig, ['config', 'check', 'empty.yaml'], { cwd: root }), { code: 0 })
})

t.test('the schema is JSON Schema', async (t) => {
  const { code, stdout } = await run(registerConfig, ['config', 'schema'])
  t.equal(code, 0)
  t.match(JSON.parse(stdout), {
    type: 'object',
    additionalProperties: false,
    properties: { server: { type: 'object' } },
  })
})
