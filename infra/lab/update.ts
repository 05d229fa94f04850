import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { NETNS, run, SCRIPTS, sorted } from './build.js'
import type { Layout, Namespace } from './layout.js'

/** What one namespace is told, so that it becomes another. */
export interface Update {
  readonly name: string
  /** Lines for `ip -batch`, by family: what goes, then what comes. */
  readonly ip4: readonly string[]
  readonly ip6: readonly string[]
  /** The whole of its filters; null where they stay. */
  readonly nft: readonly string[] | null
}

/**
 * How a network that stands becomes another by new routes and filters alone. Null where it can't: namespaces, cables or addresses
 * differ. Pure.
 */
export function updatesBetween(before: Layout, after: Layout): readonly Update[] | null {
  if (JSON.stringify(before.links) !== JSON.stringify(after.links)) return null
  if (before.namespaces.size !== after.namespaces.size) return null
  const updates: Update[] = []
  for (const [name, next] of after.namespaces) {
    const now = before.namespaces.get(name)
    if (now === undefined || now.forwards !== next.forwards) return null
    // With an address the kernel takes every route away that rests on it.
    if (!sameLines(addresses(now), addresses(next))) return null
    const update = {
      name,
      ip4: lineChanges(now.ip4, next.ip4),
      ip6: lineChanges(now.ip6, next.ip6),
      nft: sameLines(now.nft, next.nft) ? null : next.nft,
    }
    if (update.ip4.length + update.ip6.length > 0 || update.nft !== null) updates.push(update)
  }
  return updates
}

function addresses({ ip4, ip6 }: Namespace): readonly string[] {
  return [...ip4, ...ip6].filter((line) => line.startsWith('address ')).sort()
}

function sameLines(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((line, index) => line === b[index])
}

/** Every line adds one thing; the same line with another verb takes it away. */
function lineChanges(now: readonly string[], next: readonly string[]): readonly string[] {
  const [had, has] = [new Set(now), new Set(next)]
  return [
    ...[...had].filter((line) => !has.has(line)).map((line) => line.replace(' add ', ' del ')),
    ...sorted([...has].filter((line) => !had.has(line))),
  ]
}

/**
 * Makes updates real, in every namespace at once.
 * @throws {BuildError} where the kernel refuses one; the network is then neither
 */
export async function applyUpdates(updates: readonly Update[]): Promise<void> {
  await Promise.all(updates.map(applyUpdate))
}

async function applyUpdate({ name, ip4, ip6, nft }: Update): Promise<void> {
  const path = (kind: string) => join(SCRIPTS, `${name}.change.${kind}`)
  const files = { ip4, ip6, nft: nft === null ? [] : ['flush ruleset', ...nft] }
  await Promise.all(
    Object.entries(files).map(([kind, lines]) => writeFile(path(kind), `${lines.join('\n')}\n`)),
  )
  const script = [
    'set -e',
    ...(ip4.length > 0 ? [`ip -batch ${path('ip4')}`] : []),
    ...(ip6.length > 0 ? [`[ ! -e /proc/sys/net/ipv6 ] || ip -6 -batch ${path('ip6')}`] : []),
    ...(nft === null ? [] : [`nft -f ${path('nft')}`]),
  ].join('\n')
  await run('nsenter', [`--net=${NETNS}/${name}`, 'sh', '-s'], script)
}
