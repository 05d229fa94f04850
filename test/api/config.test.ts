import { join, resolve } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import t from 'tap'
import { stringify } from 'yaml'
import { loadConfig, resolveConfig } from '../../api/config.js'
import { parseConfigFile } from '../../api/config-file.js'
import { ConfigError, formatProblem, nearest } from '../../api/yaml-file.js'

const SEED = 20_260_131
t.comment(`fast-check seed ${SEED}`)

const HASH = `sha256:${'ab'.repeat(32)}`

function told(read: () => unknown): readonly string[] {
  try {
    read()
  } catch (error) {
    if (error instanceof ConfigError) return error.problems.map(formatProblem)
    throw error
  }
  return []
}

const problemsOf = (text: string) => told(() => parseConfigFile(text, 'sonde.yaml'))

t.test('an empty file and no file give the defaults', async (t) => {
  t.same(parseConfigFile('', 'x'), {})
  t.same(parseConfigFile('# nothing\n', 'x'), {})
  const config = loadConfig({}, {})
  t.equal(config.server.host, '127.0.0.1')
  t.equal(config.server.port, 8080)
  t.equal(config.sample, 'auto')
  t.same(config.policy, { flipAfter: 2, intervalMs: 60_000 })
  t.equal(config.retention.resultsDays, 7)
})

t.test('YAML and JSON say the same', async (t) => {
  const value = {
    server: { host: '0.0.0.0', port: 9000 },
    tokens: [{ name: 'ci', hash: HASH, scopes: ['read', 'ingest'] }],
    functions: [
      { name: 'orders', account: '123456789012', posture: { subnets: ['subnet-a'], securityGroups: [] } },
    ],
  }
  t.same(parseConfigFile(stringify(value), 'x'), value)
  t.same(parseConfigFile(JSON.stringify(value, null, 2), 'x'), value)
  t.same(parseConfigFile(JSON.stringify(value, null, '\t'), 'x'), value)
})

t.test('everything wrong is told at once, each by line and column', async (t) => {
  const text = [
    'server:',
    '  prot: 80',
    '  host: ""',
    'logLevel: debgu',
    'functions:',
    '  - name: orders',
    '    account: 123456789012',
    '  - nmae: billing',
    'tokens:',
    '  - name: ci',
    '    hash: hunter2',
    '    scopes: [raed]',
    '',
  ].join('\n')
  t.same(problemsOf(text), [
    'sonde.yaml:2:3: unknown key "prot"; did you mean "port"?',
    'sonde.yaml:3:9: server.host must not have fewer than 1 characters',
    'sonde.yaml:4:11: logLevel must be one of trace, debug, info, warn, error, fatal, silent; did you mean debug?',
    'sonde.yaml:7:14: functions.0.account must be a string, not 123456789012',
    'sonde.yaml:8:5: functions.1 needs "name"',
    'sonde.yaml:8:5: unknown key "nmae"; did you mean "name"?',
    'sonde.yaml:11:11: tokens.0.hash must be sha256: and 64 hexadecimal digits, as `sonde token new` prints it',
    'sonde.yaml:12:14: tokens.0.scopes.0 must be one of read, ingest, admin; did you mean read?',
  ])
})

t.test('text that is no YAML is told by line and column', async (t) => {
  const [first] = problemsOf('server:\n  port: [1,\n')
  t.match(first, /^sonde\.yaml:\d+:\d+: /)
  const [twice] = problemsOf('data: a\ndata: b\n')
  t.match(twice, /^sonde\.yaml:2:1: .*unique/)
  t.same(problemsOf('data: a\n---\ndata: b\n'), [
    'sonde.yaml:2:1: a second document begins here; one is read',
  ])
  t.equal(problemsOf(`a: ${'['.repeat(300)}\n`.repeat(5)).length, 20, 'the echo of an error is bounded')
  t.match(problemsOf('- a\n')[0], /sonde\.yaml:1:1: the configuration must be an object, not a list/)
  t.match(problemsOf('just words')[0], /must be an object/)
})

t.test('aliases that grow without end are refused, not expanded', async (t) => {
  const lines = ['a: &a [x,x,x,x,x,x,x,x,x]']
  for (let i = 1; i < 9; i++)
    lines.push(
      `${'abcdefghi'[i]}: &${'abcdefghi'[i]} [${Array(9)
        .fill(`*${'abcdefghi'[i - 1]}`)
        .join(',')}]`,
    )
  t.match(problemsOf(lines.join('\n'))[0], /sonde\.yaml:1:1: .*alias/i)
})

t.test('names must be unique', async (t) => {
  t.same(problemsOf('functions:\n  - name: a\n  - name: b\n  - name: a\n'), [
    'sonde.yaml:4:11: functions.2.name "a" is the name of functions.0 too; tell them apart by region and account',
  ])
  const entry = (region: string, account: string) =>
    `  - {name: a, region: ${region}, account: '${account}'}\n`
  const [west, north] = [entry('eu-west-1', '123456789012'), entry('eu-north-1', '123456789012')]
  t.same(problemsOf(`functions:\n${west}${north}`), [], 'but for functions of several accounts or regions')
  t.match(problemsOf(`functions:\n${west}${north}${west}`), [/functions\.2\.name "a" .* functions\.0 too/])
})

t.test('flags win over the environment, which wins over the file', async (t) => {
  const text = 'server:\n  port: 1\n  host: "::1"\ndata: stored\nlogLevel: warn\n'
  const file = join(t.testdir({ 'sonde.yaml': text }), 'sonde.yaml')
  const environment = {
    SONDE_CONFIG: file,
    SONDE_PORT: '2',
    SONDE_LOG_LEVEL: 'error',
    SONDE_SAMPLE: 'recording',
  }
  const config = loadConfig({ port: '3' }, environment)
  t.equal(config.server.port, 3)
  t.equal(config.server.host, '::1')
  t.equal(config.logLevel, 'error')
  t.equal(config.sample, 'recording')
  t.equal(config.file, file)
  t.equal(config.data, join(file, '../stored'), 'a path in the file is relative to the file')
  t.equal(
    loadConfig({ config: file, data: 'here' }, {}).data,
    resolve('here'),
    'a flag to the working directory',
  )
  t.equal(loadConfig({ config: file }, {}).sample, null, 'with a configuration the sample is off by default')
  t.equal(loadConfig({ config: file, sample: 'lab' }, environment).sample, 'lab')
  t.equal(loadConfig({ sample: false }, environment).sample, null, '--no-sample')
})

t.test('what is wrong outside of the file is named too, all at once', async (t) => {
  const environment = { SONDE_PORT: 'http', SONDE_LOG_LEVEL: 'loud', SONDE_SAMPLE: 'perhaps' }
  t.same(
    told(() => loadConfig({}, environment)),
    [
      'SONDE_PORT: must be a port number from 0 to 65535, not "http"',
      'SONDE_LOG_LEVEL: must be one of trace, debug, info, warn, error, fatal, silent, not "loud"',
      'SONDE_SAMPLE: must be one of auto, lab, recording, off, not "perhaps"',
    ],
  )
  t.match(told(() => loadConfig({ port: '70000' }, {}))[0], /^--port: /)
  t.same(
    told(() => loadConfig({ config: '/nowhere/sonde.yaml' }, {})),
    ['/nowhere/sonde.yaml: no such file or folder'],
  )
})

t.test('a typo in any key of any section is refused with a place', async () => {
  const sections: Record<string, object> = {
    server: { port: 1 },
    policy: { flipAfter: 3 },
    retention: { resultsDays: 3 },
    sources: { folders: [] },
  }
  const cases = fc.record({
    section: fc.constantFrom(...Object.keys(sections)),
    typo: fc.stringMatching(/^[a-z]{3,12}Q$/),
  })
  fc.assert(
    fc.property(cases, ({ section, typo }) => {
      const text = stringify({ [section]: { ...sections[section], [typo]: 1 } })
      const problems = problemsOf(text)
      return problems.length === 1 && (problems[0] ?? '').startsWith(`sonde.yaml:3:3: unknown key "${typo}"`)
    }),
    { seed: SEED, numRuns: 200 },
  )
})

t.test('no text makes the reader throw anything but its own error', async () => {
  fc.assert(
    fc.property(fc.oneof(fc.string({ maxLength: 200 }), fc.json(), fc.string({ unit: 'binary' })), (text) => {
      try {
        parseConfigFile(text, 'x')
      } catch (error) {
        if (!(error instanceof ConfigError)) throw error
        return (
          error.problems.length > 0 &&
          error.problems.every(({ line, column }) => (line ?? 0) >= 1 && (column ?? 0) >= 1)
        )
      }
      return true
    }),
    { seed: SEED, numRuns: 2000 },
  )
})

t.test('what is valid survives reading, and reading again what it means', async () => {
  const valid = fc.record(
    {
      server: fc.record(
        { port: fc.integer({ min: 0, max: 65_535 }), host: fc.constantFrom('127.0.0.1', '::1', 'localhost') },
        { requiredKeys: [] },
      ),
      policy: fc.record({ flipAfter: fc.integer({ min: 1, max: 100 }) }, { requiredKeys: [] }),
      functions: fc.uniqueArray(fc.record({ name: fc.string({ minLength: 1, maxLength: 40 }) }), {
        selector: ({ name }) => name,
        maxLength: 5,
      }),
    },
    { requiredKeys: [] },
  )
  fc.assert(
    fc.property(valid, (value) => {
      const yaml = parseConfigFile(stringify(value), 'x')
      const json = parseConfigFile(JSON.stringify(value), 'x')
      if (!isDeepStrictEqual(yaml, json) || JSON.stringify(yaml) !== JSON.stringify(value)) return false
      const resolved = resolveConfig(yaml, null)
      return (
        resolved.functions.length === (value.functions ?? []).length &&
        resolved.server.port === (value.server?.port ?? 8080)
      )
    }),
    { seed: SEED, numRuns: 200 },
  )
})

t.test('only a near word is suggested', async (t) => {
  t.equal(nearest('hots', ['host', 'port']), 'host')
  t.equal(nearest('zzzzzz', ['host', 'port']), null)
  t.equal(nearest('Tokens', ['tokens']), 'tokens')
})

t.test('what is no text is told in a line, not quoted', async (t) => {
  const message = 'is no text file: YAML or JSON in UTF-8 is read'
  t.same(problemsOf('server:\n  port: 1\u0000'), [`sonde.yaml:2:10: ${message}`])
  t.same(problemsOf('\ufffdabc'), [`sonde.yaml:1:1: ${message}`])
  const [long = ''] = problemsOf(`- ok\n${'x'.repeat(100_000)}: [`)
  t.ok(long.length > 0 && long.length < 400)
})

t.test(
  'other accounts, each by a role; a role of a stranger, an unknown account and a double are told',
  async (t) => {
    const good = `
accounts:
  - account: "111122223333"
    roleArn: arn:aws:iam::111122223333:role/sonde
    externalId: tenant/7
    regions: [eu-west-1, us-east-1]
inventory: { everyMinutes: 5 }
sources:
  cloudwatch: [{ region: eu-west-1, account: "111122223333", logGroups: [/sonde/probes] }]
runs: { probes: [sonde-*, canary], timeoutSeconds: 30 }
`
    const config = resolveConfig(parseConfigFile(good, 'x'), null)
    t.match(config.accounts, [{ account: '111122223333', externalId: 'tenant/7' }])
    t.same(config.inventory, { regions: [], everyMs: 300_000 })
    t.same(config.runs, {
      probes: ['sonde-*', 'canary'],
      timeoutMs: 30_000,
      perFunctionPerMinute: 6,
      perMinute: 60,
    })
    t.equal(resolveConfig({}, null).runs, null, 'nothing is invoked unless the configuration says so')
    t.same(
      problemsOf(
        good
          .replace('::111122223333:role', '::999999999999:role')
          .replace('account: "111122223333", log', 'account: "444444444444", log'),
      ),
      [
        'sonde.yaml:4:14: accounts.0.roleArn is a role of another account than 111122223333',
        'sonde.yaml:9:46: sources.cloudwatch.0.account is none of those under accounts',
      ],
    )
    t.same(
      problemsOf(
        good.replace(
          'inventory:',
          '  - { account: "111122223333", roleArn: "arn:aws:iam::111122223333:role/b", regions: [eu-west-1] }\ninventory:',
        ),
      ),
      ['sonde.yaml:7:16: accounts.1.account "111122223333" is the name of accounts.0 too'],
    )
    t.same(problemsOf('inventory: { everyMinutes: 5 }'), [
      'sonde.yaml:1:12: inventory needs "regions", or accounts that name theirs',
    ])
    t.match(
      problemsOf(good.replace('arn:aws:iam::111122223333:role/sonde', 'sonde').replace('canary', '"a b"')),
      [/accounts\.0\.roleArn must be the ARN of a role/, /runs\.probes\.1 must be the name of a function/],
    )
  },
)
