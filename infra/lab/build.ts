import { spawn } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Layout, type Link, MAC, type Namespace } from './layout.js'

/** Where `ip netns` keeps its handles, and the lab its scripts; both lie in a tmpfs of the world's own. */
export const NETNS = '/run/netns'
export const SCRIPTS = '/run/lab'

/** A command of the set-up failed: which, and what it said. */
export class BuildError extends Error {
  override readonly name = 'BuildError'
}

/** Makes a layout real. All of it happens in the world's own namespaces; the processes that do it end with it. */
export async function build(layout: Layout): Promise<void> {
  const names = [...layout.namespaces.keys()]
  await run('ip', ['-batch', '-'], names.map((name) => `netns add ${name}`).join('\n'))
  await run('ip', ['-batch', '-'], layout.links.map(cable).join('\n'))
  await Promise.all([...layout.namespaces.values()].map((space) => configure(space, layout.links)))
}

/** Takes it away again: devices, routes and filters go with their namespaces. */
export async function demolish(names: readonly string[]): Promise<void> {
  if (names.length === 0) return
  await run('ip', ['-batch', '-'], names.map((name) => `netns delete ${name}`).join('\n'))
}

function cable({ a, b }: Link): string {
  const end = (one: Link['a']) => `${one.device} netns ${one.namespace} address ${MAC}`
  return `link add name ${end(a)} type veth peer name ${end(b)}`
}

/** One shell for each namespace: its settings, then its devices and routes, then its filters. */
async function configure(space: Namespace, links: readonly Link[]): Promise<void> {
  const devices = links.flatMap(({ a, b }) =>
    [a, b].filter((end) => end.namespace === space.name).map((end) => end.device),
  )
  const up = ['lo', ...devices].map(
    (device) => `link set ${device} up${device === 'lo' ? '' : ' arp off addrgenmode none'}`,
  )
  // Rules and routes first would name devices that are down.
  const files = { ip4: [...up, ...sorted(space.ip4)], ip6: sorted(space.ip6), nft: space.nft }
  const path = (kind: string) => join(SCRIPTS, `${space.name}.${kind}`)
  await Promise.all(
    Object.entries(files).map(([kind, lines]) => writeFile(path(kind), `${lines.join('\n')}\n`)),
  )
  const set = (key: string, value: number) => `echo ${value} > /proc/sys/net/${key}`
  const script = [
    'set -e',
    set('ipv4/conf/all/rp_filter', 0),
    set('ipv4/conf/default/rp_filter', 0),
    set('ipv4/conf/all/accept_local', 1),
    set('ipv4/conf/all/send_redirects', 0),
    set('ipv4/conf/default/send_redirects', 0),
    set('ipv4/ip_forward', space.forwards ? 1 : 0),
    set('ipv4/ip_nonlocal_bind', 1),
    'if [ -e /proc/sys/net/ipv6 ]; then',
    set('ipv6/conf/all/forwarding', space.forwards ? 1 : 0),
    set('ipv6/conf/all/accept_ra', 0),
    'fi',
    `ip -batch ${path('ip4')}`,
    ...(files.ip6.length > 0 ? [`[ ! -e /proc/sys/net/ipv6 ] || ip -6 -batch ${path('ip6')}`] : []),
    ...(files.nft.length > 0 ? [`nft -f ${path('nft')}`] : []),
  ].join('\n')
  await run('nsenter', [`--net=${NETNS}/${space.name}`, 'sh', '-s'], script)
}

/** Addresses before routes, and those before rules. */
export function sorted(lines: readonly string[]): readonly string[] {
  const rank = (line: string) => ['address', 'route', 'rule'].findIndex((word) => line.startsWith(word))
  return [...lines].sort((a, b) => rank(a) - rank(b))
}

/**
 * Runs a command with the given input.
 * @throws {BuildError} with what it said on stderr, where it fails
 */
export function run(command: string, args: readonly string[], input = ''): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ['pipe', 'ignore', 'pipe'] })
    const said: Buffer[] = []
    child.stderr.on('data', (chunk: Buffer) => said.push(chunk))
    child.once('error', (error) => reject(new BuildError(`${command}: ${error.message}`, { cause: error })))
    child.once('close', (code) => {
      if (code === 0) return resolve()
      reject(
        new BuildError(
          `${command} ${args.join(' ')}: ${Buffer.concat(said).toString().trim() || `exit code ${code}`}`,
        ),
      )
    })
    child.stdin.on('error', () => undefined)
    child.stdin.end(input)
  })
}
