import { writeSync } from 'node:fs'
import { codeOf } from './outcome.js'

/** Where report lines go. */
export interface Printer {
  /** One write a line; resolves when the line has left the process. */
  readonly line: (text: string) => Promise<void>
  /** The same at once, for a process that is about to die. */
  readonly lineNow: (text: string) => void
}

/**
 * Prints on stdout, past `console`: Lambda's console adds a prefix or wraps the line. A line of its own is one log event
 * (https://docs.aws.amazon.com/lambda/latest/dg/nodejs-logging.html). Stdout is a pipe there, and an invocation's sandbox
 * is frozen when it returns: hence the wait until the write is through.
 */
export function stdoutPrinter(stdout: NodeJS.WritableStream = process.stdout, descriptor = 1): Printer {
  return {
    line: (text) =>
      new Promise((resolve, reject) => {
        stdout.write(`${text}\n`, (error) => (error ? reject(error) : resolve()))
      }),
    lineNow: (text) => writeAll(descriptor, Buffer.from(`${text}\n`)),
  }
}

function writeAll(descriptor: number, bytes: Buffer): void {
  // A pipe whose reader is slow says EAGAIN; a bounded wait, since a reader that is gone must not hold the process.
  let patience = 200
  for (let written = 0; written < bytes.length && patience > 0; ) {
    try {
      written += writeSync(descriptor, bytes, written)
    } catch (error) {
      if (codeOf(error) !== 'EAGAIN') return
      patience -= 1
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5)
    }
  }
}
