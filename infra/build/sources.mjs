import { createHash } from 'node:crypto'
import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'

/** What dist/ is made of. */
const SOURCES = ['probe', 'api', 'infra/build', 'infra/lab', 'package.json']

/**
 * A text that changes when a source is edited, added, removed or renamed, made of names, sizes and times alone. It is
 * compared for equality, so that a file dated in the future neither hides an edit nor builds at every start.
 */
export async function fingerprint(root) {
  const found = (await Promise.all(SOURCES.map((path) => survey(root, path)))).flat()
  return `${createHash('sha256').update(found.sort().join('\n')).digest('hex')}\n`
}

/** Whether dist/ was made of the sources as they are now. */
export async function isBuilt(root) {
  const stamp = await readFile(join(root, 'dist/.built'), 'utf8').catch(() => undefined)
  return stamp === (await fingerprint(root))
}

async function survey(root, path) {
  const info = await stat(join(root, path)).catch(() => undefined)
  if (info === undefined) return []
  if (!info.isDirectory()) return [`${path} ${info.size} ${info.mtimeMs}`]
  const entries = await readdir(join(root, path))
  return (await Promise.all(entries.map((entry) => survey(root, join(path, entry))))).flat()
}
