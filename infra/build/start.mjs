import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

/** `npm start -- …`: builds if dist/ is missing or older than the sources, then is `sonde serve …` itself. */
const root = join(dirname(fileURLToPath(import.meta.url)), '../..')
const stamp = join(root, 'dist/.built')
const sources = ['probe', 'api', 'infra/build', 'package.json'].map((path) => join(root, path))

if (!existsSync(stamp) || sources.some((path) => changedSince(path, statSync(stamp).mtimeMs))) {
  // In a process of its own: esbuild's memory isn't the server's.
  const { status } = spawnSync(process.execPath, [join(root, 'infra/build/build.mjs')], { stdio: 'inherit' })
  if (status !== 0) process.exit(status ?? 1)
}
const command = join(root, 'dist/sonde.js')
process.argv = [process.execPath, command, 'serve', ...process.argv.slice(2)]
await import(pathToFileURL(command).href)

function changedSince(path, time) {
  if (!existsSync(path)) return false
  const info = statSync(path)
  if (!info.isDirectory()) return info.mtimeMs > time
  return info.mtimeMs > time || readdirSync(path).some((entry) => changedSince(join(path, entry), time))
}
