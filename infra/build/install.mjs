import { mkdir, readdir, rename, rm, stat, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'

/** How long a chunk that no longer belongs to the build is kept, for processes that may still want it, in milliseconds. */
const KEEP_MS = 3_600_000

/**
 * Puts the files of a build (`{path, contents, mode?}`) in place, each whole or not at all: written beside its place and
 * renamed into it. What names other files comes after what it names, so that a process that starts meanwhile finds
 * either the build before or this one, and two builds at once don't break each other.
 */
export async function install(files) {
  const ranks = [...new Set(files.map(rank))].sort()
  for (const own of ranks) {
    await Promise.all(files.filter((file) => rank(file) === own).map(put))
  }
}

/**
 * Removes the files of `folders` that are not among `kept` (paths): their names carry hashes, so that those of builds
 * before would pile up. Young ones stay, unless `atOnce`.
 */
export async function sweep(folders, kept, { atOnce = false } = {}) {
  for (const folder of folders) {
    for (const entry of await readdir(folder).catch(() => [])) {
      const path = join(folder, entry)
      if (kept.has(path)) continue
      const info = await stat(path).catch(() => undefined)
      if (info?.isFile() && (atOnce || Date.now() - info.mtimeMs > KEEP_MS)) await rm(path, { force: true })
    }
  }
}

/** Chunks and assets, then source maps, then scripts that import them, last the pages. */
function rank({ path }) {
  if (basename(dirname(path)) === 'chunks' || /-[A-Z0-9]{8}\.(js|css)(\.map)?$/.test(path)) return 0
  if (path.endsWith('.html')) return 3
  return /\.c?js$/.test(path) ? 2 : 1
}

async function put({ path, contents, mode }) {
  const beside = `${path}.${process.pid}.tmp`
  await mkdir(dirname(path), { recursive: true })
  try {
    await writeFile(beside, contents, mode === undefined ? {} : { mode })
    await rename(beside, path)
  } finally {
    await rm(beside, { force: true })
  }
}
