import { BadDelivery, type LogDelivery, MAX_UNPACKED_BYTES, unpackRecord } from './cloudwatch-envelope.js'

/** A Firehose HTTP delivery, unpacked. */
export interface FirehoseDelivery {
  readonly requestId: string
  readonly deliveries: readonly LogDelivery[]
}

/**
 * Reads the body that Amazon Data Firehose posts to an HTTP endpoint: `{requestId, timestamp, records:[{data: BASE64}]}`.
 * Throws `BadDelivery` naming the pointer. Format:
 * https://docs.aws.amazon.com/firehose/latest/dev/httpdeliveryrequestresponse.html
 */
export function unpackFirehose(body: unknown): FirehoseDelivery {
  if (typeof body !== 'object' || body === null) throw new BadDelivery('expected a JSON object')
  const requestId = 'requestId' in body ? body.requestId : undefined
  const records = 'records' in body ? body.records : undefined
  if (typeof requestId !== 'string') throw new BadDelivery('/requestId: expected a string')
  if (!Array.isArray(records)) throw new BadDelivery('/records: expected an array')
  // For all records together: many small ones unpack to as much as one large one.
  let room = MAX_UNPACKED_BYTES
  const deliveries = records.flatMap((record: unknown, index) => {
    const data = typeof record === 'object' && record !== null && 'data' in record ? record.data : undefined
    if (typeof data !== 'string') throw new BadDelivery(`/records/${index}/data: expected base64`)
    const { deliveries, bytes } = unpackRecord(data, room)
    room -= bytes
    return deliveries
  })
  return { requestId, deliveries }
}

/** The answer that Firehose asks for; without an error it counts the delivery as done. */
export function firehoseAnswer(
  requestId: string,
  now: Date,
  errorMessage?: string,
): { requestId: string; timestamp: number; errorMessage?: string } {
  return { requestId, timestamp: now.getTime(), ...(errorMessage === undefined ? {} : { errorMessage }) }
}
