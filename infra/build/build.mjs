import { spawnSync } from 'node:child_process'
import { chmod, copyFile, cp, mkdir, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { build } from 'esbuild'
import { rdsCertificates } from './inline-schemas.mjs'
import { targets } from './targets.mjs'

/**
 * Builds dist/. Usage: node infra/build/build.mjs [--only NAME,…] [--plan FILE] [--types]
 * --plan puts a plan beside the probe's bundle; --types adds declarations (what a package needs, and a start doesn't).
 */
const root = join(dirname(fileURLToPath(import.meta.url)), '../..')
const dist = join(root, 'dist')
const { values } = parseArgs({
  options: { only: { type: 'string' }, plan: { type: 'string' }, types: { type: 'boolean' } },
})
const only = values.only?.split(',') ?? []
const started = performance.now()

// Chunks carry hashes in their names: those of the build before would pile up.
const stale = only.length === 0 ? ['chunks', 'probe-lib', 'web'] : []
await Promise.all(stale.map((folder) => rm(join(dist, folder), { recursive: true, force: true })))
const built = await Promise.all(
  targets(root, only).map(async ({ name, options }) => {
    // esbuild has printed what is wrong and where by then; a stack of its own would bury it.
    const { metafile } = await build(options).catch(() => process.exit(1))
    return { name, bytes: Object.values(metafile.outputs).reduce((sum, output) => sum + output.bytes, 0) }
  }),
)
const names = built.map(({ name }) => name)
if (names.includes('probe')) await probeAssets()
if (names.includes('cli')) await chmod(join(dist, 'sonde.js'), 0o755)
if (names.includes('web')) await webStatics(join(root, 'api/web'), join(dist, 'web'))
if (values.types) declarations()
if (only.length === 0) await writeFile(join(dist, '.built'), '')

for (const { name, bytes } of built)
  console.log(`${name.padEnd(10)} ${(bytes / 1000).toFixed(1).padStart(9)} kB`)
console.log(`built in ${Math.round(performance.now() - started)} ms`)

async function probeAssets() {
  const folder = join(dist, 'probe')
  await mkdir(folder, { recursive: true })
  await writeFile(join(folder, 'rds-ca.pem'), rdsCertificates(root))
  if (values.plan) await copyFile(values.plan, join(folder, 'plan.json'))
}

/** Whatever isn't source is served as it is. */
async function webStatics(from, to) {
  const sources = new Set(['.ts', '.tsx', '.css'])
  for (const entry of await readdir(from)) {
    const file = join(from, entry)
    const isFolder = (await stat(file)).isDirectory()
    // A style sheet that main.tsx imports is bundled into main.css; one that the page links itself is copied.
    const bundled = extname(entry) === '.css' && (await exists(join(to, 'main.css')))
    if (!isFolder && (extname(entry) === '.css' ? bundled : sources.has(extname(entry)))) continue
    if (isFolder && entry !== 'static') continue
    await cp(file, isFolder ? to : join(to, entry), { recursive: true })
  }
}

async function exists(path) {
  return stat(path).then(
    () => true,
    () => false,
  )
}

function declarations() {
  const args = ['tsc', '-p', join(root, 'infra/build/tsconfig.types.json')]
  const { status } = spawnSync('npx', args, { cwd: root, stdio: 'inherit' })
  if (status !== 0) process.exit(status ?? 1)
}
