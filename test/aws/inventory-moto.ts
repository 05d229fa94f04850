import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'

/** A running moto server and what ends it. */
interface Moto {
  readonly endpoint: string
  stop(): Promise<void>
}

/** The moto server's program: SONDE_MOTO, else `moto_server` on PATH; null where there is none. */
export function findMoto(): string | null {
  for (const program of [process.env['SONDE_MOTO'] ?? '', 'moto_server']) {
    if (program === '') continue
    try {
      execFileSync(program, ['--help'], { stdio: 'ignore' })
      return program
    } catch {
      // Not this one: the next is tried.
    }
  }
  return null
}

/** Starts a moto server on a free port of loopback and waits until it answers. */
export async function startMoto(program: string): Promise<Moto> {
  const port = await freePort()
  const child = spawn(program, ['-H', '127.0.0.1', '-p', String(port)], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let log = ''
  child.stderr.on('data', (chunk: Buffer) => {
    log = (log + chunk.toString()).slice(-2000)
  })
  const endpoint = `http://127.0.0.1:${port}`
  for (let attempt = 0; attempt < 300; attempt++) {
    if (child.exitCode !== null) throw new Error(`moto ended with ${child.exitCode}: ${log}`)
    try {
      await fetch(`${endpoint}/moto-api/data.json`)
      return { endpoint, stop: () => stop(child) }
    } catch {
      await delay(100)
    }
  }
  await stop(child)
  throw new Error(`moto does not answer: ${log}`)
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'exit')
  child.kill('SIGKILL')
  await ended
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}
