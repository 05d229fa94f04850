import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'
import { targets } from './targets.mjs'

/** Builds the probe's bundle in memory, prints its size and its largest parts, and fails where it outgrows its limit. */
const LIMIT = 100_000
const root = join(dirname(fileURLToPath(import.meta.url)), '../..')

const [probe] = targets(root, ['probe'])
const {
  metafile,
  outputFiles: [{ contents: bundle }],
} = await build({ ...probe.options, write: false })
const [output] = Object.values(metafile.outputs)
const parts = Object.entries(output.inputs)
  .map(([path, { bytesInOutput }]) => ({ path, bytes: bytesInOutput }))
  .sort((a, b) => b.bytes - a.bytes)

for (const { path, bytes } of parts.slice(0, 12)) console.log(`${String(bytes).padStart(8)}  ${path}`)
console.log(
  `${String(bundle.length).padStart(8)}  dist/probe/index.cjs (gzip ${gzipSync(bundle).length}), limit ${LIMIT}`,
)
if (bundle.length > LIMIT) {
  console.error(`the probe's bundle is ${bundle.length - LIMIT} bytes over its limit`)
  process.exitCode = 1
}
