import { spawnSync } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { fingerprint } from './sources.mjs'

/** `npm start -- …`: builds if dist/ is missing or was made of other sources, then is `sonde serve …` itself. */
const root = join(dirname(fileURLToPath(import.meta.url)), '../..')
const stamp = await readFile(join(root, 'dist/.built'), 'utf8').catch(() => undefined)

if (stamp !== (await fingerprint(root))) {
  // In a process of its own: esbuild's memory isn't the server's.
  const { status } = spawnSync(process.execPath, [join(root, 'infra/build/build.mjs')], { stdio: 'inherit' })
  if (status !== 0) process.exit(status ?? 1)
}
const command = join(root, 'dist/sonde.js')
process.argv = [process.execPath, command, 'serve', ...process.argv.slice(2)]
await import(pathToFileURL(command).href)
