import { gunzipSync } from 'node:zlib'
import type { LogLine } from './sort-lines.js'

/** Unpacked size past which a delivery is refused: a bomb must not fill memory. CloudWatch's own batches stay below 10 MiB. */
export const MAX_UNPACKED_BYTES = 64 * 1024 * 1024

/** The part of a CloudWatch Logs delivery that Sonde reads. */
export interface LogDelivery {
  readonly logGroup: string
  readonly logStream: string
  readonly owner: string
  readonly lines: Iterable<LogLine>
}

export class BadDelivery extends Error {
  override readonly name = 'BadDelivery'
}

/**
 * Unpacks what a CloudWatch Logs subscription delivers: the Lambda form `{"awslogs":{"data":BASE64_GZIP}}`, the gzipped
 * envelope itself, or the envelope as JSON. A CONTROL_MESSAGE (CloudWatch testing the destination) gives no messages.
 * Throws `BadDelivery` with what was expected. Format:
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/SubscriptionFilters.html
 */
export function unpackDelivery(body: Buffer): readonly LogDelivery[] {
  const json = parseJson(isGzip(body) ? unzip(body) : body)
  const data = field(field(json, 'awslogs'), 'data')
  if (typeof data === 'string') return unpackDelivery(Buffer.from(data, 'base64'))
  return [delivery(json)]
}

/**
 * Unpacks one Firehose record: a gzipped envelope or several in a row (gzip members are concatenable), envelopes as JSON,
 * or, where Firehose was told to extract messages, plain report lines. Also says how many bytes it was unpacked. Throws
 * `BadDelivery`, also past `maxBytes`; what is wrong with a single envelope is thrown when that envelope's turn comes.
 */
export function unpackRecord(
  base64: string,
  maxBytes = MAX_UNPACKED_BYTES,
): { readonly deliveries: Iterable<LogDelivery>; readonly bytes: number } {
  const raw = Buffer.from(base64, 'base64')
  const unpacked = isGzip(raw) ? unzip(raw, maxBytes) : raw
  return { deliveries: deliveriesIn(unpacked.toString('utf8')), bytes: unpacked.length }
}

/** Made as they are asked for: a record may unpack to millions of lines, which must not all be there at once. */
function* deliveriesIn(text: string): Generator<LogDelivery> {
  for (const line of linesIn(text)) {
    if (isEnvelope(line)) yield delivery(parseJson(Buffer.from(line)))
  }
  yield { logGroup: '', logStream: '', owner: '', lines: plainLines(text) }
}

function* plainLines(text: string): Generator<LogLine> {
  for (const line of linesIn(text)) if (!isEnvelope(line)) yield { text: line }
}

/** Firehose joins records with newlines or with nothing at all: `{…}{…}`. */
function* linesIn(text: string): Generator<string> {
  for (const [line] of text.matchAll(/\S[^\n]*/g)) {
    yield* line.includes(JOINED) ? line.replaceAll(JOINED, `}\n{"messageType"`).split('\n') : [line]
  }
}

const JOINED = '}{"messageType"'

function isEnvelope(line: string): boolean {
  return line.startsWith('{') && line.includes('"logEvents"')
}

function delivery(json: unknown): LogDelivery {
  const type = field(json, 'messageType')
  if (type === 'CONTROL_MESSAGE') return { logGroup: '', logStream: '', owner: '', lines: [] }
  const events = field(json, 'logEvents')
  if (type !== 'DATA_MESSAGE' || !Array.isArray(events)) {
    throw new BadDelivery(
      'expected a CloudWatch Logs envelope: {"messageType":"DATA_MESSAGE","logGroup":…,"logEvents":[{"message":…}]}',
    )
  }
  const lines = events.map((event: unknown, index) => {
    const message = field(event, 'message')
    if (typeof message !== 'string') throw new BadDelivery(`/logEvents/${index}/message: expected a string`)
    const id = field(event, 'id')
    return { text: message, ...(typeof id === 'string' ? { key: id } : {}) }
  })
  return {
    logGroup: text(json, 'logGroup'),
    logStream: text(json, 'logStream'),
    owner: text(json, 'owner'),
    lines,
  }
}

function text(json: unknown, name: string): string {
  const value = field(json, name)
  return typeof value === 'string' ? value : ''
}

function field(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined
  return Object.entries(value).find(([key]) => key === name)?.[1]
}

function isGzip(body: Buffer): boolean {
  return body[0] === 0x1f && body[1] === 0x8b
}

function unzip(body: Buffer, maxBytes = MAX_UNPACKED_BYTES): Buffer {
  try {
    return gunzipSync(body, { maxOutputLength: Math.max(maxBytes, 1) })
  } catch (cause) {
    throw new BadDelivery('the gzip data is broken or larger than 64 MiB unpacked', { cause })
  }
}

function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'))
  } catch (cause) {
    throw new BadDelivery('expected gzip data or JSON', { cause })
  }
}
