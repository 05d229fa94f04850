import { readdirSync, readFileSync, statSync } from 'node:fs'
import { basename, join, sep } from 'node:path'
import { zipSync } from 'fflate'

/** A bundle's folder as a Lambda takes it, without maps of its sources. The time is fixed: the same files make the same bytes. */
export function zipOf(folder: string): Uint8Array {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => basename(name) !== 'plan.json' && !name.endsWith('.map'))
    .filter((name) => statSync(join(folder, name)).isFile())
    .sort()
    .map((name) => [name.split(sep).join('/'), new Uint8Array(readFileSync(join(folder, name)))])
  return zipSync(Object.fromEntries(files), { level: 9, mtime: '2020-01-01T00:00:00Z' })
}
