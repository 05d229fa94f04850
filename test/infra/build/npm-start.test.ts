import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { mkdtemp, readdir, readlink, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { labMissing } from '../../lab/support.js'
import { until } from '../../support/api.js'
import { allGone, descendants, lives } from '../../support/built.js'

interface Started {
  readonly npm: ChildProcess
  readonly pid: number
  readonly output: () => string
  /** Exit code and signal of npm, once nothing holds its output anymore. */
  readonly exit: Promise<readonly unknown[]>
}

/** `npm start` as someone at a terminal has it: a process group of its own, and no configuration. */
async function npmStart(t: Test, sample: string): Promise<Started> {
  const data = await mkdtemp(join(tmpdir(), 'sonde-start-'))
  const { PATH, HOME } = process.env
  const npm = spawn('npm', ['start', '--', '--port', '0', '--data', data, '--sample', sample], {
    detached: true,
    env: { PATH, HOME, NO_UPDATE_NOTIFIER: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const pid = npm.pid ?? 0
  let output = ''
  for (const stream of [npm.stdout, npm.stderr])
    stream.on('data', (chunk: Buffer) => {
      output += chunk.toString()
    })
  const exit = once(npm, 'close')
  t.teardown(async () => {
    for (const one of [pid, ...descendants(pid)]) kill(one, 'SIGKILL')
    await rm(data, { recursive: true, force: true, maxRetries: 5 })
  })
  await until(() => /"sample":|"url":/.test(output) || npm.exitCode !== null)
  if (sample !== 'off') await until(() => output.includes('"sample":') || npm.exitCode !== null)
  return { npm, pid, output: () => output, exit }
}

function kill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch {
    // It has ended by itself.
  }
}

function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').join(' ').trim()
  } catch {
    return ''
  }
}

/** The network namespaces that any process of this machine stands in, each by its number. */
async function namespaces(pids?: readonly number[]): Promise<ReadonlySet<string>> {
  const all =
    pids?.map(String) ?? (await readdir('/proc').catch(() => [])).filter((name) => /^\d+$/.test(name))
  const found = await Promise.all(all.map((pid) => readlink(`/proc/${pid}/ns/net`).catch(() => null)))
  return new Set(found.filter((one) => one !== null))
}

t.setTimeout(240_000)
const sample = labMissing() === null ? 'lab' : 'recording'
const LINUX = process.platform === 'linux' ? false : 'processes are looked up in /proc'

for (const { what, signal, to } of [
  { what: 'SIGTERM to npm', signal: 'SIGTERM', to: (pid: number) => pid },
  { what: 'Ctrl-C', signal: 'SIGINT', to: (pid: number) => -pid },
] as const) {
  t.test(`npm start ends in order by ${what}`, { skip: LINUX }, async (t) => {
    const { npm, pid, output, exit } = await npmStart(t, sample)
    t.match(output(), `"sample":"${sample}"`)
    const below = descendants(pid)
    const before = await namespaces([process.pid])
    const made = [...(await namespaces(below))].filter((one) => !before.has(one))
    if (sample === 'lab') t.ok(made.length > 5, `${made.length} namespaces`)
    // A lab that takes its time: npm, and whoever waits for it, must wait for the lab.
    const world = below.find((one) => /^(?!unshare).*lab\.js world$/.test(commandOf(one)))
    if (sample === 'lab') t.type(world, 'number', 'the first process of the lab is found')
    if (world !== undefined) process.kill(world, 'SIGSTOP')
    process.kill(to(pid), signal)
    if (world !== undefined) {
      await Promise.race([exit, sleep(2000)])
      t.same([npm.exitCode, npm.signalCode], [null, null], 'not before the lab has ended')
      process.kill(world, 'SIGCONT')
    }
    t.same(await exit, [0, null])
    t.same(below.filter(lives), [], 'no process is left')
    t.match(output(), '"msg":"stopped"', 'what was accepted is finished')
    t.notMatch(output(), /^\s+at |"err"|npm (error|ERR)/m)
    const left = await namespaces()
    t.same(
      made.filter((one) => left.has(one)),
      [],
      'no namespace is left',
    )
  })
}

t.test('npm that is killed takes the server with it', { skip: LINUX }, async (t) => {
  const { npm, pid } = await npmStart(t, 'off')
  const below = descendants(pid)
  t.ok(below.length > 0)
  npm.kill('SIGKILL')
  t.ok(await allGone(below), 'no process is left')
})
