import { createSocket } from 'node:dgram'
import { connect, createServer } from 'node:net'
import { createInterface } from 'node:readline'
import { type FlowTry, tryFlow } from './flow.js'
import { publicAddresses } from './names.js'
import { relayConnections, type ServedListener, serveBalancer, serveTarget } from './servers/balancer.js'
import { serveDns } from './servers/dns.js'
import { postgresServer } from './servers/postgres.js'
import { type Identity, listen, plain, serveWeb } from './servers/web.js'

/** One thing that a namespace's agent serves. */
export type Service =
  | {
      readonly kind: 'dns'
      readonly addresses: readonly string[]
      readonly names: Readonly<Record<string, readonly string[]>>
      /** Ranges of services by their prefix list's name: every other name is looked up as a public one. */
      readonly services: Readonly<Record<string, readonly string[]>>
    }
  | {
      readonly kind: 'web'
      readonly identity: Identity
      readonly denial: string | null
      /** AWS services answer as to a caller with every right. */
      readonly grants: boolean
    }
  | {
      readonly kind: 'postgres'
      readonly port: number
      readonly identity: Identity
      readonly forceTls: boolean
      /** Databases behind a proxy, address and port. */
      readonly behind: readonly { readonly address: string; readonly port: number }[]
    }
  | { readonly kind: 'balancer'; readonly identity: Identity; readonly listeners: readonly ServedListener[] }
  | { readonly kind: 'relay'; readonly listeners: readonly Omit<ServedListener, 'tls'>[] }
  | { readonly kind: 'balanced'; readonly port: number }
  | { readonly kind: 'accept'; readonly port: number }
  | { readonly kind: 'cut'; readonly port: number }
  | { readonly kind: 'echo'; readonly port: number }

export type Command =
  | { readonly id: number; readonly do: 'serve'; readonly services: readonly Service[] }
  | {
      readonly id: number
      readonly do: 'try'
      readonly flows: readonly FlowTry[]
      readonly timeoutMs: number
    }

/** The process inside a namespace: takes commands as lines of JSON, answers each with one line, and ends with its stdin. */
export function runAgent(): void {
  const lines = createInterface({ input: process.stdin })
  lines.on('line', (line) => {
    const command: Command = JSON.parse(line)
    perform(command).then(
      (result) => answer({ id: command.id, result }),
      (error: unknown) =>
        answer({ id: command.id, error: error instanceof Error ? error.message : String(error) }),
    )
  })
  lines.on('close', () => process.exit(0))
}

function answer(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value)}\n`)
}

async function perform(command: Command): Promise<unknown> {
  if (command.do === 'try') {
    return Promise.all(command.flows.map((flow) => tryFlow(flow, command.timeoutMs)))
  }
  await Promise.all(command.services.map(serve))
  return null
}

async function serve(service: Service): Promise<void> {
  switch (service.kind) {
    case 'dns': {
      const names = new Map(Object.entries(service.names))
      const services = new Map(Object.entries(service.services))
      const answer = (name: string) => names.get(name) ?? publicAddresses(services, name)
      await Promise.all(service.addresses.map((address) => serveDns(address, answer)))
      return
    }
    case 'web':
      await serveWeb(service.identity, service.denial, service.grants)
      return
    case 'postgres': {
      const ready = () => reachesAny(service.behind)
      await listen(
        postgresServer({ identity: service.identity, forceTls: service.forceTls, ready }),
        service.port,
      )
      return
    }
    case 'balancer':
      await serveBalancer(service.identity, service.listeners)
      return
    case 'relay':
      return relayConnections(service.listeners)
    case 'balanced':
      await serveTarget(service.port)
      return
    case 'accept':
      await listen(
        createServer((socket) => void socket.on('error', () => undefined).resume()),
        service.port,
      )
      return
    case 'cut':
      await listen(
        createServer((socket) => {
          socket.on('error', () => undefined)
          socket.once('data', () => socket.resetAndDestroy())
        }),
        service.port,
      )
      return
    case 'echo':
      await echo(service.port)
  }
}

/** Tells every caller its own address, over TCP and UDP, in both families. */
async function echo(port: number): Promise<void> {
  await listen(
    createServer((socket) => {
      socket.on('error', () => undefined)
      socket.end(plain(socket.remoteAddress ?? ''))
    }),
    port,
  )
  const socket = createSocket({ type: 'udp6', ipv6Only: false })
  socket.on('message', (_, from) =>
    socket.send(plain(from.address), from.port, from.address, () => undefined),
  )
  await new Promise<void>((resolve) => socket.bind(port, '::', resolve))
}

/** Whether one of the databases behind a proxy can be connected to; a proxy without one waits for ever. */
async function reachesAny(
  behind: readonly { readonly address: string; readonly port: number }[],
): Promise<boolean> {
  if (behind.length === 0) return true
  const results = await Promise.all(
    behind.map(
      ({ address, port }) =>
        new Promise<boolean>((resolve) => {
          const socket = connect({ host: address, port, timeout: 30_000 })
          const end = (reached: boolean) => {
            socket.destroy()
            resolve(reached)
          }
          socket.once('connect', () => end(true))
          socket.once('error', () => end(false))
          socket.once('timeout', () => end(false))
        }),
    ),
  )
  return results.includes(true)
}
