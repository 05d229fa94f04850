import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process'
import { chmodSync, chownSync, existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

/** A real server on 127.0.0.1, with its files in a directory of its own. */
export interface Database {
  readonly port: number
  /** Runs SQL (or a Redis command) as administrator, past the network, and returns the tab-separated rows. */
  readonly query: (statement: string) => string
  /** The last of what the server wrote to its log. */
  readonly log: () => string
  readonly stop: () => Promise<void>
}

interface KeyPair {
  /** PEM. */
  readonly key: string
  readonly cert: string
}

interface Binaries {
  readonly [name: string]: string
}

/** What a server needs that this machine hasn't: the reason for a skip, which CI doesn't accept. */
export interface Missing {
  readonly missing: string
}

export function isMissing(value: object): value is Missing {
  return 'missing' in value
}

/** The option for tap's skip: the reason, or false. Throws in CI, where every server must be there. */
export function skipReason(found: object): string | false {
  if (!isMissing(found)) return false
  if (process.env['CI'] === 'true') throw new Error(`CI needs ${found.missing}`)
  return found.missing
}

export function postgresBinaries(): Binaries | Missing {
  const root = '/usr/lib/postgresql'
  const versions = existsSync(root) ? readdirSync(root) : []
  const folders = versions.sort((a, b) => Number(b) - Number(a)).map((version) => join(root, version, 'bin'))
  return find({ initdb: ['initdb'], postgres: ['postgres'], psql: ['psql'] }, folders)
}

export function mariadbBinaries(): Binaries | Missing {
  const found = find({
    server: ['mariadbd', 'mysqld'],
    install: ['mariadb-install-db', 'mysql_install_db'],
    client: ['mariadb', 'mysql'],
    unshare: ['unshare'],
  })
  if (isMissing(found)) return found
  const { status } = spawnSync(need(found, 'unshare'), [ownMounts(), 'true'])
  return status === 0 ? found : { missing: 'a mount namespace of its own (not granted here)' }
}

/** Root has the right to mounts of its own; others get it with a user namespace. */
function ownMounts(): string {
  return process.getuid?.() === 0 ? '-m' : '-Urm'
}

export function redisBinaries(): Binaries | Missing {
  return find({ server: ['redis-server', 'valkey-server'], client: ['redis-cli', 'valkey-cli'] })
}

/** `hba` are the lines of pg_hba.conf for TCP; the administrator comes in by the Unix socket. */
export async function startPostgres(
  binaries: Binaries,
  options: { readonly tls: KeyPair; readonly hba: readonly string[] },
): Promise<Database> {
  const folder = mkdtempSync(join(tmpdir(), 'sonde-pg-'))
  // The server refuses to run as root, so root's tests run it as the user that its package made.
  const owner = process.getuid?.() === 0 ? userIds('postgres') : {}
  if (owner.uid !== undefined && owner.gid !== undefined) chownSync(folder, owner.uid, owner.gid)
  const data = join(folder, 'data')
  execFileSync(
    need(binaries, 'initdb'),
    ['-D', data, '-U', 'admin', '-A', 'trust', '-N', '--no-instructions', '-E', 'UTF8', '--locale=C'],
    { ...owner, cwd: folder, stdio: 'pipe' },
  )
  writeOwned(join(data, 'server.key'), options.tls.key, owner, 0o600)
  writeOwned(join(data, 'server.crt'), options.tls.cert, owner, 0o600)
  writeOwned(join(data, 'pg_hba.conf'), ['local all all trust', ...options.hba, ''].join('\n'), owner, 0o600)
  const port = await freePort()
  const server = spawn(
    need(binaries, 'postgres'),
    [
      ['-D', data, '-p', String(port), '-k', folder],
      ['-c', 'listen_addresses=127.0.0.1', '-c', 'ssl=on', '-c', 'fsync=off', '-c', 'log_min_messages=info'],
    ].flat(),
    { ...owner, cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] },
  )
  const query = (statement: string): string =>
    execFileSync(
      need(binaries, 'psql'),
      ['-h', folder, '-p', String(port), '-U', 'admin', '-d', 'postgres', '-XAtF\t', '-c', statement],
      { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] },
    )
  return running(server, { port, folder, query, signal: 'SIGINT' })
}

/**
 * MariaDB with the performance schema. Its host cache, which counts errors by client, takes only clients other than 127.0.0.1 whose name
 * resolves, so the server sees a hosts file of its own (in a mount namespace): `hosts` maps addresses to names, and no DNS is asked.
 */
export async function startMariadb(
  binaries: Binaries,
  options: {
    readonly tls?: KeyPair
    readonly hosts?: Readonly<Record<string, string>>
    readonly settings?: readonly string[]
  },
): Promise<Database> {
  const folder = mkdtempSync(join(tmpdir(), 'sonde-maria-'))
  const data = join(folder, 'data')
  const asRoot = process.getuid?.() === 0
  const user = asRoot ? ['--user=root'] : []
  execFileSync(
    need(binaries, 'install'),
    [
      ['--no-defaults', `--datadir=${data}`, '--auth-root-authentication-method=normal', '--skip-test-db'],
      ['--skip-name-resolve', ...user],
    ].flat(),
    { stdio: 'pipe' },
  )
  const port = await freePort()
  const socket = join(folder, 's')
  writeFileSync(
    join(folder, 'hosts'),
    `127.0.0.1 localhost\n${Object.entries(options.hosts ?? {})
      .map(([address, name]) => `${address} ${name}\n`)
      .join('')}`,
  )
  writeFileSync(join(folder, 'nsswitch'), 'passwd: files\ngroup: files\nhosts: files\n')
  if (options.tls) {
    writeFileSync(join(folder, 'key.pem'), options.tls.key)
    writeFileSync(join(folder, 'cert.pem'), options.tls.cert)
  }
  const tls = options.tls ? [`--ssl-key=${folder}/key.pem`, `--ssl-cert=${folder}/cert.pem`] : ['--skip-ssl']
  const own = `mount --bind ${folder}/hosts /etc/hosts && mount --bind ${folder}/nsswitch /etc/nsswitch.conf && exec "$@"`
  const server = spawn(
    need(binaries, 'unshare'),
    [
      [ownMounts(), 'sh', '-c', own, 'sh', need(binaries, 'server')],
      [
        '--no-defaults',
        `--datadir=${data}`,
        `--socket=${socket}`,
        `--port=${port}`,
        '--bind-address=127.0.0.1',
      ],
      ['--performance-schema=ON', '--innodb-flush-log-at-trx-commit=0', '--innodb-buffer-pool-size=16M'],
      [`--pid-file=${folder}/pid`, ...(asRoot ? ['--user=root'] : []), ...tls, ...(options.settings ?? [])],
    ].flat(),
    { stdio: ['ignore', 'pipe', 'pipe'] },
  )
  const query = (statement: string): string =>
    execFileSync(
      need(binaries, 'client'),
      ['--no-defaults', `--socket=${socket}`, '-uroot', '-N', '-B', '-e', statement],
      { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] },
    )
  return running(server, { port, folder, query, signal: 'SIGTERM' })
}

/** With `tls` the port speaks TLS only. */
export async function startRedis(
  binaries: Binaries,
  options: { readonly tls?: KeyPair; readonly settings?: readonly string[] } = {},
): Promise<Database> {
  const folder = mkdtempSync(join(tmpdir(), 'sonde-redis-'))
  const port = await freePort()
  if (options.tls) {
    writeFileSync(join(folder, 'key.pem'), options.tls.key)
    writeFileSync(join(folder, 'cert.pem'), options.tls.cert)
  }
  const ports = options.tls
    ? [
        ['--port', '0', '--tls-port', String(port), '--tls-auth-clients', 'no'],
        ['--tls-key-file', join(folder, 'key.pem'), '--tls-cert-file', join(folder, 'cert.pem')],
        ['--tls-ca-cert-file', join(folder, 'cert.pem')],
      ].flat()
    : ['--port', String(port)]
  const socket = join(folder, 's')
  const server = spawn(
    need(binaries, 'server'),
    [
      [...ports, '--bind', '127.0.0.1', '--unixsocket', socket, '--dir', folder],
      ['--save', '', '--appendonly', 'no', ...(options.settings ?? [])],
    ].flat(),
    { stdio: ['ignore', 'pipe', 'pipe'] },
  )
  const query = (statement: string): string =>
    execFileSync(need(binaries, 'client'), ['-s', socket, ...statement.split(' ')], { encoding: 'utf8' })
  return running(server, { port, folder, query, signal: 'SIGTERM' })
}

async function running(
  server: ChildProcess,
  about: {
    readonly port: number
    readonly folder: string
    readonly query: Database['query']
    readonly signal: NodeJS.Signals
  },
): Promise<Database> {
  let log = ''
  const keep = (chunk: Buffer): void => {
    log = (log + chunk.toString()).slice(-64_000)
  }
  server.stdout?.on('data', keep)
  server.stderr?.on('data', keep)
  const gone = new Promise<void>((resolve) => {
    server.once('exit', () => resolve())
    server.once('error', () => resolve())
  })
  const stop = async (): Promise<void> => {
    if (server.exitCode === null && server.signalCode === null) server.kill(about.signal)
    await gone
    rmSync(about.folder, { recursive: true, force: true })
  }
  for (let tries = 0; !(await answers(about.port)); tries++) {
    if (server.exitCode !== null || server.pid === undefined || tries > 600) {
      await stop()
      throw new Error(`${server.spawnfile} did not start:\n${log}`)
    }
    await sleep(50)
  }
  return { port: about.port, query: about.query, log: () => log, stop }
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
}

/** A TCP port of 127.0.0.1 that nothing listens on now. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() =>
        address !== null && typeof address === 'object'
          ? resolve(address.port)
          : reject(new Error('no port')),
      )
    })
  })
}

function find(
  wanted: Readonly<Record<string, readonly string[]>>,
  first: readonly string[] = [],
): Binaries | Missing {
  const folders = [...first, ...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin']
  const found = Object.entries(wanted).map(([name, files]) => {
    const paths = files.flatMap((file) => folders.map((folder) => join(folder, file)))
    return [name, paths.find((path) => existsSync(path)), files[0]] as const
  })
  const lacking = found.filter(([, path]) => path === undefined).map(([, , file]) => file)
  if (lacking.length > 0) return { missing: `${lacking.join(', ')} (not installed here)` }
  return Object.fromEntries(found.map(([name, path]) => [name, path ?? '']))
}

function need(binaries: Binaries, name: string): string {
  const path = binaries[name]
  if (path === undefined) throw new Error(`no binary ${name}`)
  return path
}

function userIds(name: string): { uid?: number; gid?: number } {
  const id = (flag: string): number => Number(execFileSync('id', [flag, name], { encoding: 'utf8' }))
  return { uid: id('-u'), gid: id('-g') }
}

function writeOwned(path: string, text: string, owner: { uid?: number; gid?: number }, mode: number): void {
  writeFileSync(path, text)
  chmodSync(path, mode)
  if (owner.uid !== undefined && owner.gid !== undefined) chownSync(path, owner.uid, owner.gid)
}
