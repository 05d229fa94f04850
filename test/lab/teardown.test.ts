import { spawn, spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { readSnapshot } from '../../api/snapshot/read.js'
import { entrance } from '../../infra/lab/start.js'
import { buildLab, labFor, labMissing } from './support.js'

/** Processes of this very program, wherever they run: every one has its path on the command line. */
function processesOf(program: string): readonly string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      const file = `/proc/${pid}/cmdline`
      try {
        return readFileSync(file, 'utf8').includes(program)
      } catch {
        return false
      }
    })
}

async function gone(program: string): Promise<boolean> {
  for (let tries = 0; tries < 200; tries += 1) {
    if (processesOf(program).length === 0) return true
    await sleep(50)
  }
  return false
}

const missing = labMissing()
if (missing !== null) t.plan(0, missing)
else {
  const program = await buildLab(t)
  const { snapshot } = await readSnapshot(join(process.cwd(), 'test/scenarios/data/S5/snapshot'))

  t.test('an ended lab leaves nothing', async (t) => {
    const before = spawnSync('ip', ['link'], { encoding: 'utf8' }).stdout
    const lab = await labFor(t, program)
    const { namespaces } = await lab.up(snapshot.documents)
    t.ok(processesOf(program).length > 2, 'a world and its agents run')
    await lab.end()
    t.ok(await gone(program), 'no process is left')
    t.equal(
      spawnSync('ip', ['link'], { encoding: 'utf8' }).stdout,
      before,
      'the devices of this machine are untouched',
    )
    for (const name of namespaces) t.notOk(existsSync(join('/run/netns', name)), `${name} is nowhere`)
  })

  t.test('a parent that is killed takes everything with it', async (t) => {
    const order = JSON.stringify({
      id: 1,
      do: 'up',
      documents: snapshot.documents,
      hosts: {},
      targets: ['database'],
    })
    const parent = spawn(
      process.execPath,
      [
        '-e',
        `const child = require('node:child_process').spawn('unshare', JSON.parse(process.argv[1]), { stdio: ['pipe', 'inherit', 'inherit'] })
         process.stdin.on('data', (chunk) => child.stdin.write(chunk))`,
        JSON.stringify([...entrance(), process.execPath, program, 'world']),
      ],
      { stdio: ['pipe', 'pipe', 'inherit'] },
    )
    parent.stdin.write(`${order}\n`)
    await new Promise<void>((resolve) => {
      let said = ''
      parent.stdout.on('data', (chunk: Buffer) => {
        said += chunk.toString()
        if (said.includes('"id":1')) resolve()
      })
    })
    t.ok(processesOf(program).length > 2, 'it is up')
    parent.kill('SIGKILL')
    t.ok(await gone(program), 'no process is left')
  })
}
