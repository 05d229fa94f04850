import { chmodSync, readdirSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { until } from '../support/api.js'
import { allGone, buildAll, descendants, type Sonde, sonde } from '../support/built.js'
import { labMissing } from './support.js'

const ENI = 'eni-000000000000000fa'

/** A runtime folder of the test's own, so that labs of this machine's user are left alone. */
async function runtime(
  t: Test,
): Promise<{ env: { SONDE_RUNTIME_DIR: string }; sockets: () => readonly string[] }> {
  const folder = await mkdtemp(join(tmpdir(), 'sonde-run-'))
  t.teardown(() => rm(folder, { recursive: true, force: true }))
  return { env: { SONDE_RUNTIME_DIR: folder }, sockets: () => readdirSync(folder) }
}

/** Waits for words in what a command prints from a position on; returns the position after all of it. */
async function says(lab: Sonde, words: RegExp, from = 0): Promise<number> {
  await until(() => words.test(lab.output().slice(from)) || lab.child.exitCode !== null)
  if (!words.test(lab.output().slice(from))) throw new Error(`${words} is not in:\n${lab.output()}`)
  return lab.output().length
}

t.setTimeout(300_000)
await buildAll()

t.test('without a lab that runs every command says so, exit 2', async (t) => {
  const { env } = await runtime(t)
  for (const [args, words] of [
    [['shell', ENI], /^sonde lab shell: no lab runs: start one with sonde lab up NAME\n$/],
    [['fix', 'S3'], /^sonde lab fix: no lab runs: start one with sonde lab up S3\n$/],
    [['break', 'S3'], /^sonde lab break: no lab runs: start one with sonde lab up S3\n$/],
    [
      ['up', 'S999'],
      /^sonde lab up: S999 is neither a scenario \(sonde lab list\), nor sample, nor a folder\n$/,
    ],
    [['up', 'S3', '--interval', '0'], /^sonde lab up: --interval: expected 1-3600, found 0\n$/],
  ] as const) {
    const command = sonde(t, ['lab', ...args], { env })
    t.equal(await command.exit, 2)
    t.match(command.output(), words)
  }
})

t.test('a runtime folder that others may enter is refused', async (t) => {
  const folder = t.testdir({})
  chmodSync(folder, 0o755)
  const command = sonde(t, ['lab', 'fix', 'S3'], { env: { SONDE_RUNTIME_DIR: folder } })
  t.equal(await command.exit, 2)
  t.match(command.output(), /expected a folder of this user that nobody else may enter/)
})

const missing = labMissing()
if (missing !== null) t.test('the lab', { skip: missing }, async () => undefined)
else {
  t.test('a lab stays, is entered, broken and mended from elsewhere, and ends with Ctrl-C', async (t) => {
    const { env, sockets } = await runtime(t)
    const lab = sonde(t, ['lab', 'up', 'S3', '--interval', '2'], { env })
    let at = await says(lab, /rds:orders 5432 +connect_timeout/)
    t.match(lab.output(), /namespaces in \d+ ms/)
    t.equal(sockets().length, 1)

    const inside = sonde(t, ['lab', 'shell', ENI, '--', 'ip', '-4', '-br', 'address', 'show', 'eth0'], {
      env,
    })
    t.equal(await inside.exit, 0, inside.output())
    t.match(inside.output(), /^eth0\S* +\S+ +10\.0\.11\.31\/32/)
    const failing = sonde(t, ['lab', 'shell', ENI, '--', 'sh', '-c', 'exit 7'], { env })
    t.equal(await failing.exit, 7, "the command's exit code is passed on")
    const nowhere = sonde(t, ['lab', 'shell', 'eni-0'], { env })
    t.equal(await nowhere.exit, 2)
    t.match(nowhere.output(), new RegExp(`no lab that runs has eni-0: there are .*${ENI}`))

    const fix = sonde(t, ['lab', 'fix', 'S3', '--lang', 'en'], { env })
    t.equal(await fix.exit, 0, fix.output())
    t.match(
      fix.output(),
      /Allow inbound tcp\/5432 from sg-\S+ in sg-\S+\n +aws ec2 authorize-security-group-ingress/,
    )
    at = await says(lab, /rds:orders 5432 +ok/, at)

    const list = sonde(t, ['lab', 'break', 'S3', '--lang', 'en'], { env })
    t.equal(await list.exit, 0, list.output())
    t.match(list.output(), /^egress-closed +sg-000000000000000f1 +No outbound rules/m)
    const put = sonde(t, ['lab', 'break', 'S3', '--fault', 'egress-closed', '--lang', 'en'], { env })
    t.equal(await put.exit, 0, put.output())
    t.match(put.output(), /^egress-closed at sg-000000000000000f1: No outbound rules/)
    at = await says(lab, /rds:orders 5432 +connect_timeout/, at)
    const wrong = sonde(t, ['lab', 'break', 'S3', '--fault', 'egress-closed', '--site', 'sg-1'], { env })
    t.equal(await wrong.exit, 2)
    const again = sonde(t, ['lab', 'fix', 'S3'], { env })
    t.equal(await again.exit, 0, again.output())
    await says(lab, /rds:orders 5432 +ok/, at)

    const other = sonde(t, ['lab', 'fix', 'S5'], { env })
    t.equal(await other.exit, 2)
    t.match(other.output(), /no lab called S5 runs, but S3 does/)

    const below = descendants(lab.child.pid ?? 0)
    t.ok(below.length > 3, 'a world and its agents run')
    lab.child.kill('SIGINT')
    t.equal(await lab.exit, 0)
    t.ok(await allGone(below), 'no process is left')
    t.same(sockets(), [], 'nor its socket')
  })

  t.test('killed, it takes everything with it', async (t) => {
    const { env, sockets } = await runtime(t)
    const lab = sonde(t, ['lab', 'up', 'S5', '--interval', '2'], { env })
    await says(lab, /internet 443 +ok/)
    const below = descendants(lab.child.pid ?? 0)
    lab.child.kill('SIGKILL')
    t.ok(await allGone(below), 'no process is left')
    const fix = sonde(t, ['lab', 'fix', 'S5'], { env })
    t.equal(await fix.exit, 2)
    t.match(fix.output(), /no lab runs/)
    t.same(sockets(), [], 'the socket is cleared away by who asks next')
  })
}
