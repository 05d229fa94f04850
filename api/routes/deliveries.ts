import { timingSafeEqual } from 'node:crypto'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { hashToken } from '../auth.js'
import { ApiError, toApiError } from '../errors.js'
import { admit, type Gate } from '../gate.js'
import { BadDelivery, type LogDelivery, unpackDelivery } from '../ingest/cloudwatch-envelope.js'
import { firehoseAnswer, unpackFirehose } from '../ingest/firehose.js'
import { type TakenLines, takeLines } from '../ingest/take-lines.js'
import type { Store } from '../store/store.js'
import { bodyProblems, commonProblems } from './schemas.js'

export interface DeliveriesOptions {
  readonly store: Store
  readonly clock: () => Date
  readonly gate: Gate
  /** Hash of the Firehose stream's access key; without one the route wants a token, as every other. */
  readonly firehoseKeyHash: string | null
}

/** CloudWatch Logs sends batches of up to 1 MiB compressed; Firehose buffers up to 64 MiB. */
const CLOUDWATCH_LIMIT = 8 * 1024 * 1024
const FIREHOSE_LIMIT = 64 * 1024 * 1024

const Summary = Type.Object({
  accepted: Type.Integer(),
  duplicates: Type.Integer(),
  rejected: Type.Integer(),
  ignored: Type.Integer({ description: 'Log lines that are no reports.' }),
})

const FirehoseAnswer = Type.Object({
  requestId: Type.String(),
  timestamp: Type.Integer({ description: 'Epoch milliseconds.' }),
  errorMessage: Type.Optional(Type.String()),
})

/**
 * Log deliveries: `POST /v1/reports/cloudwatch` takes the envelope of a subscription filter, `POST /v1/reports/firehose` is
 * an HTTP endpoint destination of Amazon Data Firehose.
 */
export const deliveriesRoutes: FastifyPluginAsyncTypebox<DeliveriesOptions> = async (app, options) => {
  const { store, clock, gate } = options
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body))

  const takeIn = async (from: string, unpack: () => Iterable<LogDelivery>): Promise<TakenLines> => {
    const total = { accepted: 0, duplicates: 0, rejected: 0, ignored: 0 }
    try {
      for (const { logGroup, lines } of unpack()) {
        const source = logGroup === '' ? from : `${from}:${logGroup}`
        const taken = await takeLines(store, lines, { source, clock })
        total.accepted += taken.accepted
        total.duplicates += taken.duplicates
        total.rejected += taken.rejected
        total.ignored += taken.ignored
      }
    } catch (error) {
      if (error instanceof BadDelivery) throw new ApiError('unreadable_body', error.message, { cause: error })
      throw error
    }
    return total
  }

  app.post(
    '/v1/reports/cloudwatch',
    {
      config: { access: 'ingest' },
      bodyLimit: CLOUDWATCH_LIMIT,
      onRequest: admit(gate),
      schema: {
        summary: 'A delivery of a CloudWatch Logs subscription',
        description:
          'The event of a subscription’s Lambda `{"awslogs":{"data":…}}`, the gzipped envelope, or the envelope as JSON. ' +
          'A large delivery is taken in by stretches of lines: after an error, send all of it again.',
        tags: ['reports'],
        response: { 200: Summary, ...commonProblems, ...bodyProblems },
      },
    },
    async ({ body }) =>
      takeIn('cloudwatch', () => unpackDelivery(Buffer.isBuffer(body) ? body : Buffer.alloc(0))),
  )

  /** Before the body: who lacks the key must not fill memory, nor take a place that others wait for. */
  const checkKey = async (request: FastifyRequest): Promise<void> => {
    const { firehoseKeyHash } = options
    if (firehoseKeyHash !== null && !keyFits(request.headers['x-amz-firehose-access-key'], firehoseKeyHash)) {
      throw new ApiError('unauthenticated', 'the access key is not the one that is configured')
    }
  }

  app.post(
    '/v1/reports/firehose',
    {
      // Firehose can't send a bearer token: where a key is configured, that key is what lets it in.
      config: { access: options.firehoseKeyHash === null ? 'ingest' : 'public' },
      bodyLimit: FIREHOSE_LIMIT,
      onRequest: [checkKey, admit(gate)],
      errorHandler: (thrown, request, reply) => {
        const error = toApiError(thrown)
        if (error.code === 'internal_error') request.log.error({ err: thrown }, 'request failed')
        // Typed by the listed statuses, which an error's own number is not.
        const answer: FastifyReply = reply
        return answer
          .code(error.statusCode)
          .send(firehoseAnswer(requestIdOf(request), clock(), error.message))
      },
      schema: {
        summary: 'A delivery of Amazon Data Firehose',
        description:
          'The HTTP endpoint destination of a Firehose stream. The access key is checked where the configuration holds its hash. ' +
          'Answers are in the form that Firehose asks for, so that it sends again what was not taken in.',
        tags: ['reports'],
        response: {
          200: FirehoseAnswer,
          400: FirehoseAnswer,
          401: FirehoseAnswer,
          403: FirehoseAnswer,
          413: FirehoseAnswer,
          429: FirehoseAnswer,
          500: FirehoseAnswer,
          503: FirehoseAnswer,
        },
      },
    },
    async (request) => {
      let requestId = ''
      await takeIn('firehose', () => {
        const delivery = unpackFirehose(parse(request.body))
        requestId = delivery.requestId
        return delivery.deliveries
      })
      return firehoseAnswer(requestId, clock())
    },
  )
}

/** What Firehose wants to read again in the answer. */
function requestIdOf(request: FastifyRequest): string {
  const header = request.headers['x-amz-firehose-request-id']
  return typeof header === 'string' ? header : ''
}

/** Hashes are compared, not keys: they are of equal length, and nothing is to be learned from the time. */
function keyFits(presented: string | string[] | undefined, hash: string): boolean {
  if (typeof presented !== 'string') return false
  const given = Buffer.from(hashToken(presented))
  const known = Buffer.from(hash)
  return given.length === known.length && timingSafeEqual(given, known)
}

function parse(body: unknown): unknown {
  try {
    return JSON.parse(Buffer.isBuffer(body) ? body.toString('utf8') : '')
  } catch (cause) {
    throw new BadDelivery('expected JSON', { cause })
  }
}
