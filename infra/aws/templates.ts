import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { DIST } from './lib/bundle.js'
import { generated } from './plain/generated.js'
import { zipOf } from './plain/zip.js'

/**
 * Writes what is deployed without CDK: the plain CloudFormation templates, the facts that the Terraform module shares with the
 * constructs, and the built bundles as dist/probe.zip, dist/lambda-api.zip and dist/lambda-ingest.zip.
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
  write(join(DIST, 'probe.zip'), zipOf(join(DIST, 'probe')))
  for (const name of ['api', 'ingest'])
    write(join(DIST, `lambda-${name}.zip`), zipOf(join(DIST, 'lambda', name)))
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
