import type { Readable } from 'node:stream'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { ApiError, invalidQuery } from '../errors.js'
import type { EventHub } from '../events.js'
import { commonProblems, EVENT_TYPES, MAX_NAME, problemResponse, query } from './schemas.js'

export interface EventsOptions {
  readonly hub: EventHub
  /** Whether an answer can last here. */
  readonly streams: boolean
}

/** `GET /v1/events`: what happens, as Server-Sent Events. */
export const eventsRoutes: FastifyPluginAsyncTypebox<EventsOptions> = async (app, { hub, streams }) => {
  app.get(
    '/v1/events',
    {
      config: { access: 'read' },
      compress: false,
      exposeHeadRoute: false,
      schema: {
        summary: 'What happens, as Server-Sent Events',
        description:
          'Each event has its sequence number as `id`; a client that comes back with `Last-Event-ID` gets what it missed. ' +
          'If that is no longer kept, an event `reset` comes first: read the state anew. A client that reads too slowly is cut ' +
          'off and may come back the same way. A comment is sent every 15 seconds.',
        tags: ['events'],
        querystring: query({
          types: Type.Optional(
            Type.String({
              maxLength: 200,
              description: `Only these, separated by commas: ${EVENT_TYPES.join(', ')}.`,
            }),
          ),
          function: Type.Optional(Type.String({ minLength: 1, maxLength: MAX_NAME })),
        }),
        headers: Type.Object({
          'last-event-id': Type.Optional(Type.String({ maxLength: 20 })),
        }),
        response: {
          200: {
            description: 'A stream of events.',
            content: { 'text/event-stream': { schema: Type.Unsafe<Readable>({ type: 'string' }) } },
          },
          ...commonProblems,
          501: problemResponse('No stream can last here.'),
        },
      },
    },
    async (request, reply) => {
      const filter = { types: toTypes(request.query.types), function: request.query.function ?? null }
      if (!streams)
        throw new ApiError('streaming_unavailable', 'an answer can not last here; ask for the state again')
      const stream = await hub.subscribe(filter, toSequence(request.headers['last-event-id']))
      if (!stream) {
        throw new ApiError('overloaded', 'as many clients follow the events as are allowed', {
          retryAfter: 5,
        })
      }
      reply
        .header('content-type', 'text/event-stream; charset=utf-8')
        .header('cache-control', 'no-store')
        .header('x-accel-buffering', 'no')
      return reply.send(stream)
    },
  )
}

function toTypes(text: string | undefined): ReadonlySet<string> | null {
  if (text === undefined || text === '') return null
  const types = text.split(',').map((type) => type.trim())
  const known: readonly string[] = EVENT_TYPES
  const wrong = types.find((type) => !known.includes(type))
  if (wrong !== undefined) {
    throw invalidQuery('types', `knows no type "${wrong}"; there are ${EVENT_TYPES.join(', ')}`)
  }
  return new Set(types)
}

function toSequence(text: string | undefined): number | null {
  if (text === undefined || text === '') return null
  const seq = Number(text)
  if (!/^[0-9]+$/.test(text) || !Number.isSafeInteger(seq)) {
    throw new ApiError('invalid_request', 'Last-Event-ID must be the id of an event of this stream', {
      errors: [{ in: 'headers', pointer: '/last-event-id', message: 'must be the id of an event' }],
    })
  }
  return seq
}
