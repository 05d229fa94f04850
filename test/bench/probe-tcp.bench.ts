import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { Agent, get } from 'node:http'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import type { CheckIo } from '../../probe/checks/check.js'
import { tcp } from '../../probe/checks/tcp.js'
import type { Check } from '../../probe/plan.schema.js'
import { run as runPlan } from '../../probe/run.js'
import { runEnd } from '../../probe/run-end.js'
import { planOf, runDeps } from '../probe/support.js'
import { testIo } from '../probe/transport.js'
import { closedPort } from '../support/servers.js'
import type { BenchRow } from './bench.js'

const CONCURRENCY = 64
/** Many short turns: what else the machine does then meets all sides alike. */
const CHECKS = 400
const ROUNDS = 25
/** Rounds for the compilers. */
const WARMUP = 3
const LOOPBACK = '127.0.0.1'

/**
 * tcp checks a second, through a whole run and the check by itself, against a bare `net.connect` loop and, where it is installed, against
 * blackbox_exporter's /probe; all on one listener in a thread of its own, alternating, medians of the rounds.
 */
export async function run(): Promise<readonly BenchRow[]> {
  const target = await listener()
  const exporter = await startExporter()
  const rates: Record<'sonde' | 'check' | 'bare' | 'exporter', number[]> = {
    sonde: [],
    check: [],
    bare: [],
    exporter: [],
  }
  try {
    for (let round = -WARMUP; round < ROUNDS; round += 1) {
      const sonde = await rate(() => checks(target.port))
      const io = runIo()
      const check = await rate(() => many(() => oneCheck(target.port, io)))
      const bare = await rate(() => many(() => bareConnect(target.port)))
      const theirs = exporter && (await rate(() => many(() => exporter.probe(target.port))))
      if (round < 0) continue
      rates.sonde.push(sonde)
      rates.check.push(check)
      rates.bare.push(bare)
      if (theirs !== undefined) rates.exporter.push(theirs)
    }
  } finally {
    await exporter?.stop()
    await target.stop()
  }
  return [
    row('probe: tcp checks in a run against bare net.connect', rates.sonde, rates.bare, '>= 0.8x'),
    row('probe: the tcp check by itself against bare net.connect', rates.check, rates.bare, '>= 0.8x'),
    ...(rates.exporter.length > 0
      ? [row('probe: tcp checks against blackbox_exporter /probe', rates.sonde, rates.exporter, '>= 2x')]
      : []),
  ]
}

function row(name: string, values: readonly number[], references: readonly number[], goal: string): BenchRow {
  const [value, reference] = [Math.round(median(values)), Math.round(median(references))]
  // Each round's own ratio, so that a machine that slows down meanwhile changes both sides.
  const ratio = median(values.map((each, at) => each / (references[at] ?? Number.NaN)))
  return { name, value, unit: '1/s', reference, ratio: Math.round(ratio * 100) / 100, goal }
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
}

async function rate(work: () => Promise<void>): Promise<number> {
  const started = performance.now()
  await work()
  return (CHECKS * 1000) / (performance.now() - started)
}

async function checks(port: number): Promise<void> {
  const list = Array.from(
    { length: CHECKS },
    (_, i): Check => ({ kind: 'tcp', name: `c${i}`, host: LOOPBACK, port }),
  )
  const { results } = await runPlan(planOf(list, { concurrency: CONCURRENCY, timeoutMs: 5000 }), runDeps())
  const failed = results.find(({ outcome }) => outcome !== 'ok')
  if (failed) throw new Error(`a check ended in ${failed.outcome}`)
}

/** What the checks of one run share: one signal, with one listener on it. */
function runIo(): CheckIo {
  const { signal } = new AbortController()
  return { ...testIo({ signal }), onEnd: runEnd(signal) }
}

async function oneCheck(port: number, io: CheckIo): Promise<void> {
  const destination = { host: LOOPBACK, address: LOOPBACK, port, family: 4 } as const
  const { outcome } = await tcp.probe({ kind: 'tcp', name: 'c', host: LOOPBACK, port }, destination, io)
  if (outcome !== 'ok') throw new Error(`a check ended in ${outcome}`)
}

async function many(one: () => Promise<void>): Promise<void> {
  let left = CHECKS
  const worker = async (): Promise<void> => {
    while (left-- > 0) await one()
  }
  await Promise.all(Array.from({ length: CONCURRENCY }, worker))
}

function bareConnect(port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: LOOPBACK, port })
    socket.once('connect', () => socket.end())
    socket.once('error', reject)
    socket.once('close', () => resolve())
    socket.resume()
  })
}

/** A listener in a thread, so that accepting doesn't slow the side that is measured. */
async function listener(): Promise<{ port: number; stop: () => Promise<unknown> }> {
  const worker = new Worker(
    `const server = require('node:net').createServer((socket) => socket.on('error', () => {}).resume())
     server.listen(0, '${LOOPBACK}', () => require('node:worker_threads').parentPort.postMessage(server.address().port))`,
    { eval: true, execArgv: [] },
  )
  const [port]: unknown[] = await once(worker, 'message')
  if (typeof port !== 'number') throw new Error('the listener told no port')
  return { port, stop: () => worker.terminate() }
}

interface Exporter {
  readonly probe: (port: number) => Promise<void>
  readonly stop: () => Promise<void>
}

async function startExporter(): Promise<Exporter | undefined> {
  const program = 'prometheus-blackbox-exporter'
  try {
    execFileSync(program, ['--version'], { stdio: 'ignore' })
  } catch {
    return undefined
  }
  const directory = await mkdtemp(join(tmpdir(), 'sonde-bench-'))
  const config = join(directory, 'blackbox.yml')
  await writeFile(config, 'modules:\n  tcp_connect:\n    prober: tcp\n    timeout: 5s\n')
  const listen = await closedPort()
  const child = spawn(program, [`--config.file=${config}`, `--web.listen-address=${LOOPBACK}:${listen}`], {
    stdio: 'ignore',
  })
  const agent = new Agent({ keepAlive: true, maxSockets: CONCURRENCY })
  await untilUp(listen, child)
  return {
    probe: async (port) => {
      const url = `http://${LOOPBACK}:${listen}/probe?module=tcp_connect&target=${LOOPBACK}:${port}`
      const text = await fetchText(url, agent)
      if (!/^probe_success 1$/m.test(text)) throw new Error('blackbox_exporter did not reach the target')
    },
    stop: async () => {
      agent.destroy()
      const exited = once(child, 'exit')
      child.kill()
      await exited
      await rm(directory, { recursive: true })
    },
  }
}

async function untilUp(port: number, child: ChildProcess): Promise<void> {
  for (;;) {
    if (child.exitCode !== null) throw new Error(`blackbox_exporter ended with ${child.exitCode}`)
    const up = await bareConnect(port).then(
      () => true,
      () => false,
    )
    if (up) return
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

function fetchText(url: string, agent: Agent): Promise<string> {
  return new Promise((resolve, reject) => {
    get(url, { agent }, (response) => {
      let text = ''
      response.setEncoding('utf8')
      response.on('data', (chunk: string) => {
        text += chunk
      })
      response.on('end', () => resolve(text))
      response.on('error', reject)
    }).on('error', reject)
  })
}
