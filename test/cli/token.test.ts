import t from 'tap'
import { parse } from 'yaml'
import { hashToken } from '../../api/auth.js'
import { registerToken } from '../../api/cli/token.js'
import { parseConfigFile } from '../../api/config-file.js'
import { run } from './run.js'

const token = (...args: readonly string[]) => run(registerToken, ['token', 'new', ...args])

t.test('prints the token once and lines that the configuration takes as they are', async (t) => {
  const { code, stdout } = await token('--scope', 'read', '--scope', 'ingest', '--name', 'ci')
  t.equal(code, 0)
  const made = /sonde_[\w-]{43}/.exec(stdout)?.[0] ?? ''
  t.equal(stdout.split(made).length, 2, 'once')
  const lines = stdout.slice(stdout.indexOf('tokens:'))
  const config = parseConfigFile(lines, 'sonde.yaml')
  t.same(config.tokens, [{ name: 'ci', hash: hashToken(made), scopes: ['read', 'ingest'] }])
  t.notMatch(lines, made, 'what is kept is not the token')
})

t.test('without a scope it may only read', async (t) => {
  const { stdout } = await token()
  t.match(parse(stdout.slice(stdout.indexOf('tokens:'))), { tokens: [{ name: 'read', scopes: ['read'] }] })
})

t.test('--json is for programs', async (t) => {
  const { stdout } = await token('--json', '--scope', 'ingest,read')
  const made = JSON.parse(stdout)
  t.equal(hashToken(made.token), made.entry.hash)
  t.same(made.entry.scopes, ['ingest', 'read'])
})

t.test('a wrong scope or name is told in a sentence', async (t) => {
  const scope = await token('--scope', 'write')
  t.equal(scope.code, 2)
  t.equal(scope.stderr, 'sonde token new: there is no scope "write"; there are read, ingest, admin\n')
  t.equal((await token('--name', 'a\nb')).code, 2)
})
