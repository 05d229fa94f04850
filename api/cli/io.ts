import type { Readable, Writable } from 'node:stream'

/** Where a command reads and writes, and how it ends: handed in, so that a command never touches the process. */
export interface Io {
  readonly stdin: Readable
  readonly stdout: Output
  readonly stderr: Output
  readonly env: Readonly<Record<string, string | undefined>>
  /** Paths on the command line are relative to it. */
  readonly cwd: string
  /** Sets the exit code. What was written is still flushed: it does not end the process on the spot. */
  exit(code: number): void
}

/** A stream that may be a terminal. */
export type Output = Writable & { readonly isTTY?: boolean; readonly columns?: number }

/** Exit codes that every command shares; `trace` adds its verdicts. */
export const EXIT = { ok: 0, failed: 1, badInput: 2, unknown: 3 } as const

/** The command can't do what was asked, because what it was given is wrong: exit code 2 and the message, no stack. */
export class InputError extends Error {
  override readonly name = 'InputError'
}

const UNWRITABLE = new Set(['ENOENT', 'EACCES', 'EISDIR', 'EPERM', 'ENOTDIR', 'ENOSPC', 'EROFS'])

/** An error of writing a file that was named, as the user's to mend; any other error as it is. */
export function unwritable(error: unknown, file: string): unknown {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  return UNWRITABLE.has(code) ? new InputError(`can't write ${file}: ${code}`, { cause: error }) : error
}

/** The `Io` of a real process. */
export function processIo(): Io {
  return {
    stdin: process.stdin,
    stdout: process.stdout,
    stderr: process.stderr,
    env: process.env,
    cwd: process.cwd(),
    exit: (code) => {
      process.exitCode = code
    },
  }
}

/**
 * Writes and waits until the stream takes more. A reader that went away (`| head`) ends the writing silently:
 * false is returned from then on.
 */
export async function write(stream: Output, text: string): Promise<boolean> {
  if (stream.destroyed || stream.writableEnded) return false
  return new Promise((resolve, reject) => {
    const settle = (error?: Error | null) => {
      if (error === undefined || error === null) {
        stream.off('error', settle)
        resolve(true)
        return
      }
      // The listener stays: the stream tells of the same error a second time, by event.
      if ('code' in error && (error.code === 'EPIPE' || error.code === 'ERR_STREAM_DESTROYED')) resolve(false)
      else reject(error)
    }
    stream.on('error', settle)
    stream.write(text, settle)
  })
}

/**
 * Runs a command's work. Wrong input is told on stderr in one line and ends with exit code 2; anything else that
 * throws is a defect and is passed on.
 *
 * @param isInput tells which other errors are the user's to mend
 */
export async function guard(
  io: Io,
  command: string,
  isInput: (error: unknown) => boolean,
  work: () => Promise<number>,
): Promise<void> {
  try {
    io.exit(await work())
  } catch (error) {
    if (!(error instanceof Error) || !(error instanceof InputError || isInput(error))) throw error
    await write(io.stderr, `sonde ${command}: ${error.message}\n`)
    io.exit(EXIT.badInput)
  }
}

/** An option that is a whole number, not below zero. */
export function wholeNumber(name: string, text: string): number {
  const value = Number(text)
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(value))
    throw new InputError(`${name}: expected a whole number, found ${text}`)
  return value
}

/** An option that is a time; null where it wasn't given. @throws InputError */
export function instant(flag: string, text: string | undefined): Date | null {
  if (text === undefined) return null
  const at = new Date(text)
  if (Number.isNaN(at.getTime()))
    throw new InputError(`${flag}: "${text.slice(0, 64)}" is no time like 2026-01-31T12:00:00Z`)
  return at
}
