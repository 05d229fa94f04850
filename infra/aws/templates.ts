import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { zipSync } from 'fflate'
import { DIST } from './lib/bundle.js'
import { generated } from './plain/generated.js'

/**
 * Writes what is deployed without CDK: the plain CloudFormation templates, the facts that the Terraform module shares with the
 * constructs, and, where the probe is built, its bundle as dist/probe.zip.
 * Usage: npm run templates [-- --check], which writes nothing and fails where a file isn't current.
 */
const infra = fileURLToPath(new URL('../', import.meta.url))
const files = generated()
if (process.argv.includes('--check')) {
  const stale = [...files].filter(([file, text]) => readText(file) !== text).map(([file]) => file)
  for (const file of stale)
    console.error(`infra/${file} is not current: run "npm run templates" in infra/aws`)
  process.exitCode = stale.length > 0 ? 1 : 0
} else {
  for (const [file, text] of files) write(join(infra, file), text)
  write(join(DIST, 'probe.zip'), bundle(join(DIST, 'probe')))
}

/** The bundle as a Lambda takes it. The time is fixed: the same files make the same bytes. */
function bundle(folder: string): Uint8Array {
  const names = readdirSync(folder).filter((name) => name !== 'plan.json')
  return zipSync(
    Object.fromEntries(names.sort().map((name) => [name, new Uint8Array(readFileSync(join(folder, name)))])),
    { level: 9, mtime: '2020-01-01T00:00:00Z' },
  )
}

function readText(file: string): string | undefined {
  try {
    return readFileSync(join(infra, file), 'utf8')
  } catch {
    return undefined
  }
}

function write(file: string, contents: string | Uint8Array): void {
  mkdirSync(join(file, '..'), { recursive: true })
  writeFileSync(file, contents)
}
