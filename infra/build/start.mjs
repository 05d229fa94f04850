import { spawnSync } from 'node:child_process'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { isBuilt } from './sources.mjs'

/** `npm start -- …`: builds if dist/ is missing or was made of other sources, then is `sonde serve …` itself. */
const root = join(dirname(fileURLToPath(import.meta.url)), '../..')

if (!(await isBuilt(root))) {
  // In a process of its own: esbuild's memory isn't the server's.
  const { status } = spawnSync(process.execPath, [join(root, 'infra/build/build.mjs')], { stdio: 'inherit' })
  if (status !== 0) process.exit(status ?? 1)
}
if (process.env.npm_lifecycle_event === 'start') endWithNpm(process.ppid)
const command = join(root, 'dist/sonde.js')
process.argv = [process.execPath, command, 'serve', ...process.argv.slice(2)]
await import(pathToFileURL(command).href)

/**
 * `exec` in package.json makes npm the parent, so that its signals arrive here; one who kills npm with a signal that it
 * can't pass on must not be left with a server that nothing holds.
 */
function endWithNpm(npm) {
  const watch = setInterval(() => {
    if (process.ppid === npm) return
    clearInterval(watch)
    process.kill(process.pid, 'SIGTERM')
  }, 500)
  watch.unref()
}
