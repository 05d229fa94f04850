import { execFile, execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t from 'tap'

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

t.before(() => {
  execFileSync(process.execPath, [join(root, 'infra/build/build.mjs')], { cwd: root, stdio: 'pipe' })
})

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
