import { BadDelivery, type LogDelivery, MAX_UNPACKED_BYTES, unpackRecord } from './cloudwatch-envelope.js'

/** A Firehose HTTP delivery; each record is unpacked when its turn comes. */
export interface FirehoseDelivery {
  readonly requestId: string
  readonly deliveries: Iterable<LogDelivery>
}

/**
 * Reads the body that Amazon Data Firehose posts to an HTTP endpoint: `{requestId, timestamp, records:[{data: BASE64}]}`.
 * Throws `BadDelivery` naming the pointer; what a record itself makes impossible to read is thrown by iterating. Format:
 * https://docs.aws.amazon.com/firehose/latest/dev/httpdeliveryrequestresponse.html
 */
export function unpackFirehose(body: unknown): FirehoseDelivery {
  if (typeof body !== 'object' || body === null) throw new BadDelivery('expected a JSON object')
  const requestId = 'requestId' in body ? body.requestId : undefined
  const records = 'records' in body ? body.records : undefined
  if (typeof requestId !== 'string') throw new BadDelivery('/requestId: expected a string')
  if (!Array.isArray(records)) throw new BadDelivery('/records: expected an array')
  const data = records.map((record: unknown, index) => {
    const text = typeof record === 'object' && record !== null && 'data' in record ? record.data : undefined
    if (typeof text !== 'string') throw new BadDelivery(`/records/${index}/data: expected base64`)
    return text
  })
  return { requestId, deliveries: deliveriesOf(data) }
}

function* deliveriesOf(records: readonly string[]): Generator<LogDelivery> {
  // For all records together: many small ones unpack to as much as one large one.
  let room = MAX_UNPACKED_BYTES
  for (const record of records) {
    const { deliveries, bytes } = unpackRecord(record, room)
    room -= bytes
    yield* deliveries
  }
}

/** The answer that Firehose asks for; without an error it counts the delivery as done. */
export function firehoseAnswer(
  requestId: string,
  now: Date,
  errorMessage?: string,
): { requestId: string; timestamp: number; errorMessage?: string } {
  return { requestId, timestamp: now.getTime(), ...(errorMessage === undefined ? {} : { errorMessage }) }
}
