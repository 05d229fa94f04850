import { lstatSync, mkdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** The folder for the sockets of running labs can't be had, or is not this user's alone. */
export class RuntimeFolderError extends Error {
  override readonly name = 'RuntimeFolderError'
}

/**
 * The folder in which running labs are found: `SONDE_RUNTIME_DIR`, else `sonde` in `XDG_RUNTIME_DIR`, else one of the user's own in the
 * system's folder for temporary files. It is made where it is missing; whoever may read it could command the labs.
 * @throws {RuntimeFolderError} where it belongs to somebody else, or others may enter it
 */
export function runtimeFolder(env: Readonly<Record<string, string | undefined>>): string {
  const uid = process.getuid?.() ?? 0
  const folder =
    env['SONDE_RUNTIME_DIR'] ??
    (env['XDG_RUNTIME_DIR'] ? join(env['XDG_RUNTIME_DIR'], 'sonde') : join(tmpdir(), `sonde-${uid}`))
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
  } catch (cause) {
    throw new RuntimeFolderError(`${folder}: can not be made; name another folder in SONDE_RUNTIME_DIR`, {
      cause,
    })
  }
  const found = lstatSync(folder)
  if (!found.isDirectory() || found.uid !== uid || (found.mode & 0o077) !== 0)
    throw new RuntimeFolderError(
      `${folder}: expected a folder of this user that nobody else may enter (chmod 700), or another one in SONDE_RUNTIME_DIR`,
    )
  return folder
}
