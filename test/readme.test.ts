import { execFile } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { startApi } from './support/api.js'
import { buildAll } from './support/built.js'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const readme = readFileSync(join(root, 'README.md'), 'utf8')
const korean = readFileSync(join(root, 'README.ko.md'), 'utf8')

/** The commands of both READMEs' `sh` blocks; a comment tells the exit code where it isn't 0. */
const commands = [...`${readme}\n${korean}`.matchAll(/^```sh\n([\s\S]*?)^```/gm)]
  .flatMap(([, block = '']) => block.split('\n'))
  .filter((line) => line.trim() !== '')
  .map((line) => {
    const [, command = line, code = '0'] = /^(.*?)\s+# exits (\d)\b.*$/.exec(line) ?? []
    return { command, code: Number(code) }
  })

// These install and start, or run the very suite that this file is in: CI does so in a clean copy.
const RUN_BY_CI = ['npm ci && npm start', 'npm ci && npm test']

t.before(buildAll)

t.test('the two commands of the first screen are what CI runs', (t) => {
  for (const command of RUN_BY_CI)
    t.ok(
      commands.some((one) => one.command === command),
      command,
    )
  const ci = readFileSync(join(root, '.ci/run'), 'utf8')
  t.match(ci, /npm ci[\s\S]*npm test/)
  t.match(ci, /start_from_a_clean_copy[\s\S]*npm ci[\s\S]*npm start/)
  t.end()
})

t.test('every other command does what README says', async (t) => {
  const others = commands
    .filter(({ command }) => !RUN_BY_CI.includes(command))
    .filter(({ command }, index, all) => all.findIndex((one) => one.command === command) === index)
  t.ok(others.length >= 5, 'there are some')
  for (const { command, code } of others) {
    const { exit, output } = await run(command)
    t.equal(exit, code, `${command}\n${output}`)
  }
})

/** Code in the text and in tables, which may go over a line's end. */
const spans = [...`${readme}\n${korean}`.replaceAll(/^```[\s\S]*?^```/gm, '').matchAll(/`([^`]+)`/g)].map(
  ([, code = '']) => code.replaceAll(/\s+/g, ' '),
)
const inText = [...new Set(spans.filter((code) => /^(sonde|npm) [a-z]/.test(code)))]

// Those that ask nobody and change nothing.
const HARMLESS = [
  'sonde lab list',
  'sonde snapshot --policy',
  'sonde discover --policy',
  'sonde run --policy',
  'sonde token new',
]

t.test(
  'commands in the text: the harmless ones run, the others are there with the options that README names',
  async (t) => {
    t.ok(inText.length > 12, `${inText.length} commands`)
    for (const command of HARMLESS) {
      t.ok(inText.includes(command), command)
      const { exit, output } = await run(command.replace('sonde', 'node dist/sonde.js'))
      t.equal(exit, 0, output)
      t.match(output, /\S/)
    }
    for (const command of inText.filter((one) => !HARMLESS.includes(one))) {
      const words = command.startsWith('npm start') ? 'serve'.concat(command.slice(9)) : command.slice(6)
      if (command === 'npm start' || command === 'npm test') continue
      // Names of commands are small; what they are asked about, `S3` or `NAME`, is not.
      const named = words
        .split(' ')
        .filter((word, at, all) => /^[a-z]+$/.test(word) && all.slice(0, at).every((w) => /^[a-z]+$/.test(w)))
      const { exit, output } = await run(`node dist/sonde.js ${named.join(' ')} --help`)
      t.equal(exit, 0, `${command}: ${output}`)
      t.match(output, new RegExp(`^Usage: sonde ${named.join(' ')}\\b`), command)
      for (const [option] of words.matchAll(/--[a-z]+/g))
        t.ok(output.includes(option), `${command}: ${option}`)
    }
  },
)

t.test('each configuration that README shows is a valid one', async (t) => {
  const shown = [...`${readme}\n${korean}`.matchAll(/^```yaml\n([\s\S]*?)^```/gm)].map(
    ([, text = '']) => text,
  )
  t.ok(shown.length >= 2)
  const dir = t.testdir()
  for (const [at, text] of shown.entries()) {
    const file = join(dir, `${at}.yaml`)
    writeFileSync(file, text)
    const { exit, output } = await run(`node dist/sonde.js config check ${file}`)
    t.equal(exit, 0, `${text}\n${output}`)
  }
})

t.test('each route in the table is one that the API documents', async (t) => {
  const api = await startApi()
  t.teardown(api.close)
  const documented = new Set(Object.keys(api.app.swagger().paths ?? {}))
  const rows = readme.split('\n').filter((line) => /^\| `(GET |POST )?\//.test(line))
  t.ok(rows.length > 8)
  for (const row of rows) {
    let before = ''
    for (const [, span = ''] of (row.split(' | ')[0] ?? '').matchAll(/`([^`]+)`/g)) {
      const path = span.replace(/^[A-Z]+ /, '')
      // `/results` after `/v1/functions/{name}/paths` is its neighbour.
      const whole =
        path.startsWith('/v1/') || before === '' ? path : `${before.replace(/\/[^/]+$/, '')}${path}`
      if (path.startsWith('/v1/')) before = path
      const found = [path, whole].find((one) => documented.has(one)) ?? path
      const { statusCode } = documented.has(found) ? { statusCode: 200 } : await api.app.inject(found)
      t.equal(statusCode, 200, `${span} of ${row.slice(0, 60)}`)
    }
  }
})

t.test('what README links to in the project is there', (t) => {
  for (const [, path = ''] of `${readme}\n${korean}`.matchAll(/\]\((?!https?:)([^)#]+)/g))
    t.ok(existsSync(join(root, path)), path)
  t.end()
})

t.test('the pictures of a path in the READMEs are what the command prints', async (t) => {
  for (const text of [readme, korean]) {
    const shown =
      /```text\n([\s\S]*?)```/
        .exec(text)?.[1]
        ?.split('\n')
        .filter((line) => line !== '' && !line.includes('…')) ?? []
    t.ok(shown.length > 5)
    const command = /^node .* trace [^#\n]*/m.exec(text)?.[0] ?? ''
    const { output } = await run(command)
    for (const line of shown) t.ok(output.split('\n').includes(line), line)
  }
})

function run(command: string): Promise<{ exit: number; output: string }> {
  return new Promise((resolve) => {
    execFile('sh', ['-c', command], { cwd: root, timeout: 60_000 }, (error, stdout, stderr) => {
      const exit = error === null ? 0 : typeof error.code === 'number' ? error.code : -1
      resolve({ exit, output: stdout + stderr })
    })
  })
}
