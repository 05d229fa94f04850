import { appendFile, rename, rm, stat } from 'node:fs/promises'

/** A log file is put aside at this size; one older file is kept. */
const MAX_BYTES = 5 * 1024 * 1024

export interface RotatingLog {
  readonly write: (chunk: Buffer) => void
  /** Resolves when everything is written. */
  readonly end: () => Promise<void>
}

/**
 * A log that is put aside under `.1` once it is large. Only whole lines are split between the two, because the probe writes
 * a line at a time and a chunk that ends within a line is followed by its rest before the next file begins.
 */
export async function rotatingLog(file: string): Promise<RotatingLog> {
  let size = await stat(file).then(
    (found) => found.size,
    () => 0,
  )
  let turn: Promise<void> = Promise.resolve()
  const append = async (chunk: Buffer, lineEnds: boolean): Promise<void> => {
    await appendFile(file, chunk)
    size += chunk.length
    if (size < MAX_BYTES || !lineEnds) return
    await rm(`${file}.1`, { force: true })
    await rename(file, `${file}.1`)
    size = 0
  }
  return {
    write(chunk) {
      turn = turn.then(() => append(chunk, chunk.at(-1) === 0x0a))
    },
    end: () => turn,
  }
}
