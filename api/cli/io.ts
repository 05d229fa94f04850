import { open } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { Readable, Writable } from 'node:stream'
import { fileTrouble } from '../file-trouble.js'
import { josa } from '../korean.js'
import { textOf } from '../korean-messages.js'
import type { Text } from '../network/path.js'
import { safe } from '../printable.js'
import { spokenText } from './korean.js'

/** Where a command reads and writes, and how it ends: handed in, so that a command never touches the process. */
export interface Surroundings {
  readonly stdin: Readable
  readonly stdout: Output
  readonly stderr: Output
  readonly env: Readonly<Record<string, string | undefined>>
  /** Paths on the command line are relative to it. */
  readonly cwd: string
  /** Sets the exit code. What was written is still flushed: it does not end the process on the spot. */
  exit(code: number): void
}

/** What a command works with. What it says to a person is in one language; what machines read is in none. */
export interface Io extends Surroundings {
  readonly language: keyof Text
}

/** A stream that may be a terminal. */
export type Output = Writable & { readonly isTTY?: boolean; readonly columns?: number }

/** Exit codes that every command shares; `trace` adds its verdicts. */
export const EXIT = { ok: 0, failed: 1, badInput: 2, unknown: 3 } as const

/** The command can't do what was asked, because what it was given is wrong: exit code 2 and the message, no stack. */
export class InputError extends Error {
  override readonly name: string = 'InputError'
  constructor(
    readonly text: Text,
    options?: ErrorOptions,
  ) {
    super(text.en, options)
  }
}

/** An error of writing a file that was named, as the user's to mend; any other error as it is. */
export function unwritable(error: unknown, file: string): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : null
  const why =
    code === 'ENOENT'
      ? { en: 'there is no such folder', ko: '그런 폴더가 없습니다' }
      : code === 'EISDIR'
        ? { en: 'it is a folder', ko: '폴더입니다' }
        : fileTrouble(error)
  if (why === null) return error
  return new InputError(
    { en: `can't write ${file}: ${why.en}`, ko: `${file}: 쓸 수 없습니다. ${why.ko}` },
    { cause: error },
  )
}

/** An error of reading a file that was named, as the user's to mend; any other error as it is. `name` says how it was named. */
export function unreadable(error: unknown, name: string): unknown {
  const why = fileTrouble(error)
  if (why === null) return error
  return new InputError({ en: `${name}: ${why.en}`, ko: `${name}: ${why.ko}` }, { cause: error })
}

/** Opens a file that an option names, or stdin for `-`. @throws InputError naming the option and the file */
export async function openInput(io: Io, flag: string, file: string): Promise<Readable> {
  if (file === '-') return io.stdin
  const shown = `${flag} ${file}`
  const handle = await open(resolve(io.cwd, file)).catch((error: unknown) => {
    throw unreadable(error, shown)
  })
  if (!(await handle.stat()).isDirectory()) return handle.createReadStream()
  await handle.close()
  throw unreadable(Object.assign(new Error('a folder'), { code: 'EISDIR' }), shown)
}

/** The text of a file that an option names, or of stdin for `-`. @throws InputError naming the option and the file */
export async function readInput(io: Io, flag: string, file: string): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of await openInput(io, flag, file)) chunks.push(Buffer.from(chunk))
  return Buffer.concat(chunks).toString('utf8')
}

/** What was named can't be read, in words. */
export function cannotRead(error: unknown, file: string): InputError {
  const why = fileTrouble(error) ?? textOf(error instanceof Error ? error.message : String(error))
  return new InputError(
    { en: `can't read ${file}: ${why.en}`, ko: `${file}: 읽을 수 없습니다. ${why.ko}` },
    { cause: error },
  )
}

/** A sentence in the language of the command. */
export function say({ language }: Pick<Io, 'language'>, en: string, ko: string): string {
  return language === 'ko' ? ko : en
}

/** What the surroundings of a real process are. */
export function processIo(): Surroundings {
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
 * Runs a command's work. What is the user's to mend is told on stderr, in their language and without a stack, and ends with
 * exit code 2; anything else that throws is a defect and is passed on.
 *
 * @param isInput tells which errors besides `InputError` are the user's to mend
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
    const text = error instanceof InputError ? error.text : fullOutput(error)
    if (text !== null) await tellError(io, command, text)
    else if (error instanceof Error && isInput(error)) await tellError(io, command, spokenText(error.message))
    else throw error
    io.exit(EXIT.badInput)
  }
}

/** Where what was printed found no room: a full disk behind a redirected output; null for any other error. */
function fullOutput(error: unknown): Text | null {
  const isWrite = error instanceof Error && 'syscall' in error && error.syscall === 'write'
  const why = isWrite ? fileTrouble(error) : null
  if (why === null) return null
  return { en: `can't write the output: ${why.en}`, ko: `출력을 쓸 수 없습니다. ${why.ko}` }
}

/** `sonde trace: what is wrong`. Names in it come from the command line and from files, and can't steer the terminal. */
export async function tellError(io: Io, command: string, text: Text): Promise<void> {
  const lines = text[io.language].split('\n').map(safe)
  await write(
    io.stderr,
    `${['sonde', command].filter((part) => part !== '').join(' ')}: ${lines.join('\n')}\n`,
  )
}

/** A line on stderr of what the command goes on in spite of. */
export async function warn(io: Io, text: Text): Promise<void> {
  await write(io.stderr, `${say(io, 'warning', '경고')}: ${safe(text[io.language])}\n`)
}

/** An option that is a whole number, not below zero. */
export function wholeNumber(name: string, text: string): number {
  const value = Number(text)
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(value))
    throw new InputError({
      en: `${name}: expected a whole number, found ${text}`,
      ko: `${name}: 정수여야 하는데 ${text}입니다`,
    })
  return value
}

/** An option that is a time; null where it wasn't given. @throws InputError */
export function instant(flag: string, text: string | undefined): Date | null {
  if (text === undefined) return null
  const at = new Date(text)
  if (Number.isNaN(at.getTime())) {
    const given = text.slice(0, 64)
    throw new InputError({
      en: `${flag}: "${given}" is no time like 2026-01-31T12:00:00Z`,
      ko: josa`${flag}: "${given}"은(는) 2026-01-31T12:00:00Z 같은 시각이 아닙니다`,
    })
  }
  return at
}
