import { type DestinationStream, type Logger, pino } from 'pino'
import type { LogLevel } from './config.js'

/** What must never reach a log, wherever someone puts it. */
const SECRETS = [
  'authorization',
  'token',
  'accessKey',
  'hash',
  '*.authorization',
  '*.token',
  '*.accessKey',
  '*.hash',
  'headers.authorization',
  'headers["x-amz-firehose-access-key"]',
  'req.headers.authorization',
  'req.headers["x-amz-firehose-access-key"]',
]

/** JSON lines for machines; on a terminal the same in words. */
export function createLogger(
  level: LogLevel,
  output: NodeJS.WritableStream & { readonly isTTY?: boolean },
): Logger {
  const destination: DestinationStream = output.isTTY
    ? { write: (line) => void output.write(inWords(line)) }
    : { write: (line) => void output.write(line) }
  return pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths: SECRETS, censor: '[redacted]' },
    },
    destination,
  )
}

function inWords(line: string): string {
  let entry: unknown
  try {
    entry = JSON.parse(line)
  } catch {
    return line
  }
  if (typeof entry !== 'object' || entry === null) return line
  const { level, time, msg, err, ...rest } = Object.fromEntries(Object.entries(entry))
  const clock = typeof time === 'string' ? time.slice(11, 19) : ''
  const mark = level === 'info' ? '' : `${String(level).toUpperCase()} `
  const facts = Object.entries(rest).map(
    ([key, value]) => ` ${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`,
  )
  const why = typeof err === 'object' && err !== null && 'message' in err ? `: ${String(err.message)}` : ''
  return `${clock} ${mark}${String(msg ?? '')}${why}${facts.join('')}\n`
}
