import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { readAllow } from '../../probe/allow.js'
import type { Check, Plan } from '../../probe/plan.schema.js'
import type { ProbeIdentity, Result } from '../../probe/report.schema.js'
import { createLookup, systemNames } from '../../probe/resolve.js'
import { type RunDeps, run } from '../../probe/run.js'

/** What a run needs, with this machine's own network. `SONDE_ALLOW` and `SONDE_DNS_SERVERS` come from `env`. */
export function runDeps(
  options: { env?: Record<string, string>; loopback?: boolean; budgetMs?: number } = {},
): RunDeps {
  const env = options.env ?? {}
  const allow = readAllow(env, { allowLoopback: options.loopback ?? true })
  if (!allow.ok) throw new Error(allow.errors.join('; '))
  return {
    env,
    allow: allow.allow,
    lookup: createLookup(systemNames(env)),
    readAsset: (name) => Promise.reject(new Error(`no asset ${name}`)),
    now: () => performance.now(),
    date: () => new Date('2026-01-02T03:04:05.678Z'),
    newId: () => 'run-1',
    ...(options.budgetMs === undefined ? {} : { budgetMs: options.budgetMs }),
  }
}

export function planOf(checks: readonly Check[], more: Partial<Plan> = {}): Plan {
  return { version: 1, timeoutMs: 1000, attempts: 2, concurrency: 64, checks, ...more }
}

/** Runs checks and gives their results by name. */
export async function runChecks(
  checks: readonly Check[],
  options: Parameters<typeof runDeps>[0] & { plan?: Partial<Plan> } = {},
): Promise<Record<string, Result>> {
  const outcome = await run(planOf(checks, options.plan), runDeps(options))
  return Object.fromEntries(outcome.results.map((result) => [result.check, result]))
}

export interface Listener {
  readonly port: number
  readonly accepted: () => number
  /** Connections that are open at this moment. */
  readonly open: () => number
  readonly stop: () => Promise<void>
}

/** A listener on loopback; `serve` gets each connection. */
export async function listen(serve: (socket: Socket) => void, host = '127.0.0.1'): Promise<Listener> {
  const sockets = new Set<Socket>()
  let accepted = 0
  const server: Server = createServer((socket) => {
    accepted += 1
    sockets.add(socket)
    socket.on('error', () => undefined)
    socket.on('close', () => sockets.delete(socket))
    serve(socket)
  })
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, host, resolve))
  return {
    port: portOf(server.address()),
    accepted: () => accepted,
    open: () => sockets.size,
    stop: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy()
        server.close(() => resolve())
      }),
  }
}

/** Speaks as much Redis as a check needs. */
export function redisServer(): Promise<Listener> {
  return listen(speakRedis)
}

export function speakRedis(socket: Socket): void {
  socket.on('data', (request) => {
    if (request.includes('QUIT')) socket.end('-ERR unknown command\r\n+OK\r\n')
    else socket.write('+PONG\r\n')
  })
}

/** Accepts, reads and says nothing until the other end has closed. */
export function silentServer(): Promise<Listener> {
  return listen((socket) => socket.resume())
}

/** A port at which nothing listens. */
export async function closedPort(): Promise<number> {
  const listener = await listen(() => undefined)
  await listener.stop()
  return listener.port
}

function portOf(address: AddressInfo | string | null): number {
  if (address === null || typeof address === 'string') throw new Error('not a TCP listener')
  return address.port
}

export const identity: ProbeIdentity = {
  function: 'sonde-probe-a',
  version: '0.1.0',
  region: 'eu-central-1',
  account: '123456789012',
  subnet: 'subnet-0a',
  securityGroups: ['sg-1'],
  coldStart: true,
  memoryMb: 256,
  runtime: 'nodejs22.x',
}
