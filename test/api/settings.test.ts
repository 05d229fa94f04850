import t from 'tap'
import { hashToken } from '../../api/auth.js'
import { resolveConfig } from '../../api/config.js'
import { settingsOf } from '../../api/settings.js'
import { startApi } from '../support/api.js'

const ADMIN = 'sonde_admin-token'
const READ = 'sonde_read-token'

const config = resolveConfig(
  {
    server: { host: '0.0.0.0', publicBadges: true },
    tokens: [
      { name: 'ops', hash: hashToken(ADMIN), scopes: ['admin'] },
      { name: 'wall', hash: hashToken(READ), scopes: ['read'], requestsPerMinute: 60 },
    ],
    sources: {
      cloudwatch: [{ region: 'eu-west-1', logGroups: ['/sonde/probes'] }],
      firehose: { accessKeyHash: hashToken('delivery') },
    },
    inventory: { regions: ['eu-west-1'] },
  },
  '/etc/sonde.yaml',
)

t.test('the settings say what runs, and no secret and no hash of one', async (t) => {
  const settings = settingsOf(config, 'token')
  const api = await startApi({ auth: { mode: 'token', tokens: config.tokens }, settings })
  t.teardown(api.close)
  const ask = (token: string) =>
    api.app.inject({ url: '/v1/settings', headers: { authorization: `Bearer ${token}` } })

  t.equal((await ask(READ)).statusCode, 403, 'more than a wallboard needs to know')
  const answer = await ask(ADMIN)
  t.equal(answer.statusCode, 200, answer.body)
  t.match(answer.json(), {
    file: '/etc/sonde.yaml',
    auth: 'token',
    server: { host: '0.0.0.0', port: 8080, publicBadges: true },
    tokens: [
      { name: 'ops', scopes: ['admin'], requestsPerMinute: null },
      { name: 'wall', scopes: ['read'], requestsPerMinute: 60 },
    ],
    sources: {
      folders: [],
      cloudwatch: [{ region: 'eu-west-1', logGroups: ['/sonde/probes'], pollMs: 10_000 }],
      firehose: true,
    },
    inventory: { regions: ['eu-west-1'], everyMs: 900_000 },
  })
  for (const text of [answer.body, JSON.stringify(settings)]) {
    t.notMatch(text, /sha256|sonde_|[0-9a-f]{64}|hash/i, 'nothing of tokens but names and scopes')
  }
})

t.test('what the configuration learns later is hidden until it is named', async (t) => {
  const later = { ...config, alerts: { webhook: 'https://hooks.example.com/T0/secret' } }
  t.notMatch(JSON.stringify(settingsOf(later, 'open')), /hooks\.example/)
})

t.test('a server without a configuration says so', async (t) => {
  const api = await startApi()
  t.teardown(api.close)
  t.equal((await api.app.inject('/v1/settings')).statusCode, 404)
})
