import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Where the package lies: this file runs bundled, in dist/ or a folder of it, and as a source in a checkout. */
export function packageFolder(): string {
  let folder = dirname(fileURLToPath(import.meta.url))
  while (!existsSync(join(folder, 'package.json')) && dirname(folder) !== folder) folder = dirname(folder)
  return folder
}

/** The lab's program beside the `sonde` command. */
export function labProgram(): string {
  return join(packageFolder(), 'dist/lab.js')
}
