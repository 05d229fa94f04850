import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { dirname, extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { build } from 'esbuild'
import { rdsCertificates } from './inline-schemas.mjs'
import { install, sweep } from './install.mjs'
import { fingerprint } from './sources.mjs'
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
const SCRIPTS = new Set(['.ts', '.tsx'])

// Taken before the build: what is edited while it runs is built at the next start.
const sources = await fingerprint(root)
const built = await Promise.all(
  targets(root, only).map(async ({ name, options }) => {
    // esbuild has printed what is wrong and where by then; a stack of its own would bury it.
    const { outputFiles } = await build({ ...options, write: false }).catch(() => process.exit(1))
    return { name, files: outputFiles.map(({ path, contents }) => ({ path, contents })) }
  }),
)
const names = built.map(({ name }) => name)
const files = built.flatMap((target) => target.files)
for (const file of files) if (file.path === join(dist, 'sonde.js')) file.mode = 0o755
if (names.includes('probe')) files.push(...(await probeAssets()))
if (names.includes('cli'))
  files.push(...(await filesIn(join(root, 'infra/lab/sample'), join(dist, 'sample'))))
if (names.includes('web')) files.push(...(await webStatics(join(root, 'api/web'), join(dist, 'web'))))
if (names.includes('web') && names.includes('lambda-api')) files.push(...besideLambda())
await install(files)
if (values.types) declarations()
if (only.length === 0) {
  const kept = new Set(files.map(({ path }) => path))
  // A package must not carry what is left of builds before.
  const folders = [
    'chunks',
    'probe-lib',
    'web',
    'lambda/api/chunks',
    'lambda/ingest/chunks',
    'lambda/api/web',
  ].map((folder) => join(dist, folder))
  await sweep(folders, kept, { atOnce: values.types === true })
  await install([{ path: join(dist, '.built'), contents: sources }])
}

for (const { name, files: own } of built) {
  const bytes = own.reduce((sum, { contents }) => sum + contents.length, 0)
  console.log(`${name.padEnd(10)} ${(bytes / 1000).toFixed(1).padStart(9)} kB`)
}
console.log(`built in ${Math.round(performance.now() - started)} ms`)

/** The page goes with the API's Lambda too; what maps it back to its source doesn't. */
function besideLambda() {
  const web = join(dist, 'web')
  return files
    .filter(({ path }) => path.startsWith(`${web}/`) && !path.endsWith('.map'))
    .map((file) => ({ ...file, path: join(dist, 'lambda/api/web', file.path.slice(web.length + 1)) }))
}

async function probeAssets() {
  const beside = (name, contents) => ({ path: join(dist, 'probe', name), contents })
  return [
    beside('rds-ca.pem', rdsCertificates(root)),
    ...(values.plan ? [beside('plan.json', await readFile(values.plan))] : []),
  ]
}

/** Whatever isn't source is served as it is; what lies in `static` at the top. */
async function webStatics(from, to) {
  const files = []
  for (const entry of await readdir(from, { withFileTypes: true })) {
    const file = join(from, entry.name)
    if (entry.isDirectory()) {
      if (entry.name === 'static') files.push(...(await filesIn(file, to)))
    } else if (!SCRIPTS.has(extname(entry.name)) && !isBundled(entry.name, to)) {
      files.push({ path: join(to, entry.name), contents: await readFile(file) })
    }
  }
  return files
}

/** A style sheet that main.tsx imports is bundled into main.css; one that the page links itself is copied. */
function isBundled(name, to) {
  return extname(name) === '.css' && files.some(({ path }) => path === join(to, 'main.css'))
}

async function filesIn(from, to) {
  const entries = existsSync(from) ? await readdir(from, { withFileTypes: true }) : []
  const found = entries.map(async (entry) =>
    entry.isDirectory()
      ? filesIn(join(from, entry.name), join(to, entry.name))
      : [{ path: join(to, entry.name), contents: await readFile(join(from, entry.name)) }],
  )
  return (await Promise.all(found)).flat()
}

function declarations() {
  const args = ['tsc', '-p', join(root, 'infra/build/tsconfig.types.json')]
  const { status } = spawnSync('npx', args, { cwd: root, stdio: 'inherit' })
  if (status !== 0) process.exit(status ?? 1)
}
