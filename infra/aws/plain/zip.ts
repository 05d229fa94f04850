import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { zipSync } from 'fflate'

/** The bundle as a Lambda takes it. The time is fixed: the same files make the same bytes. */
export function zipOf(folder: string): Uint8Array {
  const names = readdirSync(folder).filter((name) => name !== 'plan.json')
  return zipSync(
    Object.fromEntries(names.sort().map((name) => [name, new Uint8Array(readFileSync(join(folder, name)))])),
    { level: 9, mtime: '2020-01-01T00:00:00Z' },
  )
}
