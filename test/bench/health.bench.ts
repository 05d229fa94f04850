import fastify, { type FastifyInstance } from 'fastify'
import { report, startApi, takeIn } from '../support/api.js'
import type { BenchRow } from './bench.js'
import { compare } from './load.js'

/**
 * Requests a second on one function's health, over loopback with kept connections, against a bare Fastify route that sends
 * the same bytes: what authentication, headers, request ids, metrics and the store cost together.
 */
export async function run(): Promise<readonly BenchRow[]> {
  const api = await startApi()
  const bare = fastify()
  try {
    await takeIn(api, report({ run: 'a' }), report({ run: 'b', at: new Date(api.now().getTime() + 1000) }))
    const path = '/v1/functions/orders/health'
    const { body, statusCode } = await api.app.inject(path)
    if (statusCode !== 200) throw new Error(`the function is not healthy: ${body}`)
    bare.get('/health', async (_request, reply) =>
      reply.header('content-type', 'application/json; charset=utf-8').send(body),
    )
    const { subject, reference } = await compare(
      { port: await portOf(api.app), path },
      { port: await portOf(bare), path: '/health' },
    )
    return [
      {
        name: 'health',
        value: subject,
        unit: 'requests/s',
        reference,
        ratio: subject / reference,
        goal: '>= 0.7x',
      },
    ]
  } finally {
    await bare.close()
    await api.close()
  }
}

async function portOf(app: FastifyInstance): Promise<number> {
  return Number(new URL(await app.listen({ host: '127.0.0.1', port: 0 })).port)
}
