import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { openClient } from '../../../api/store/dynamodb/db.js'
import { createTable } from '../../../api/store/dynamodb/table-check.js'

/** An emulator of DynamoDB on loopback, or why there is none. */
export interface Emulator {
  readonly name: string
  readonly endpoint: string
  readonly stop: () => Promise<void>
}

export const REGION = 'eu-west-1'

/** Emulators take any credentials; without them the SDK would look for some on the network. */
export const CREDENTIALS = {
  AWS_ACCESS_KEY_ID: 'test',
  AWS_SECRET_ACCESS_KEY: 'test',
  AWS_REGION: REGION,
  AWS_EC2_METADATA_DISABLED: 'true',
}
Object.assign(process.env, CREDENTIALS)

interface Dynalite {
  listen(port: number, host: string, done: () => void): void
  close(done: () => void): void
  address(): AddressInfo
}

/** dynalite, in this process. It knows no transactions and no TTL; the store needs the first nowhere, and the second only to forget. */
export async function startDynalite(): Promise<Emulator> {
  const make: (options: object) => Dynalite = createRequire(import.meta.url)('dynalite')
  const server = make({ createTableMs: 0, deleteTableMs: 0 })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    name: 'dynalite',
    endpoint: `http://127.0.0.1:${server.address().port}`,
    stop: () => new Promise((resolve) => server.close(resolve)),
  }
}

/** Folder of Amazon's DynamoDB Local with its dependencies: `SONDE_DYNAMODB_LOCAL`; null where it isn't installed. */
export function findDynamoLocal(): string | null {
  const folder = process.env['SONDE_DYNAMODB_LOCAL']
  return folder !== undefined && existsSync(folder) ? folder : null
}

export async function startDynamoLocal(folder: string): Promise<Emulator> {
  const port = await freePort()
  // It unpacks a library for itself, and leaves it.
  const own = await mkdtemp(join(tmpdir(), 'sonde-dynamodb-'))
  const args = [
    `-Djava.library.path=${folder}`,
    `-Djava.io.tmpdir=${own}`,
    '-XX:-UsePerfData',
    '-cp',
    join(folder, '*'),
    'com.amazonaws.services.dynamodbv2.local.main.ServerRunner',
    '-inMemory',
    '-disableTelemetry',
    '-port',
    String(port),
  ]
  const child = spawn('java', args, { stdio: ['ignore', 'ignore', 'pipe'] })
  const said: string[] = []
  child.stderr.on('data', (chunk: Buffer) => said.push(chunk.toString()))
  const endpoint = `http://127.0.0.1:${port}`
  const stop = async () => {
    await stopped(child)
    await rm(own, { recursive: true, force: true })
  }
  while (child.exitCode === null) {
    const answers = await fetch(endpoint).then(
      () => true,
      () => false,
    )
    if (answers) return { name: 'DynamoDB Local', endpoint, stop }
    await sleep(100)
  }
  await stop()
  throw new Error(`DynamoDB Local ended: ${said.join('')}`)
}

let tables = 0

/** A new empty table of Sonde's. */
export async function newTable({ endpoint }: Emulator): Promise<string> {
  tables += 1
  const table = `sonde-${process.pid}-${tables}`
  await withClient(endpoint, (client) => createTable(client, table))
  return table
}

export async function withClient<T>(
  endpoint: string,
  work: (client: DynamoDBClient) => Promise<T>,
): Promise<T> {
  const client = openClient({ region: REGION, endpoint })
  try {
    return await work(client)
  } finally {
    client.destroy()
  }
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  if (address === null || typeof address === 'string') throw new Error('no free port')
  return address.port
}

async function stopped(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return
  const ended = new Promise((resolve) => child.once('exit', resolve))
  child.kill('SIGKILL')
  await ended
}
