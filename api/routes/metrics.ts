import type { FastifyPluginAsync } from 'fastify'
import type { Metrics } from '../metrics.js'
import { commonProblems } from './schemas.js'

/** `GET /metrics` in Prometheus' text format. */
export const metricsRoutes: FastifyPluginAsync<{ readonly metrics: Metrics }> = async (app, { metrics }) => {
  app.get(
    '/metrics',
    {
      config: { access: 'read' },
      schema: {
        summary: 'Metrics for Prometheus',
        tags: ['operation'],
        response: {
          200: {
            description: "Prometheus' text format.",
            content: { 'text/plain': { schema: { type: 'string' } } },
          },
          ...commonProblems,
        },
      },
    },
    async (_request, reply) => {
      const text = await metrics.scrape()
      return reply.header('content-type', metrics.contentType).header('cache-control', 'no-store').send(text)
    },
  )
}
