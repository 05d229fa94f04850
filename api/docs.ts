import swagger from '@fastify/swagger'
import type { FastifyInstance } from 'fastify'
import type { AuthMode } from './auth.js'

export interface DocsOptions {
  readonly version: string
  readonly auth: AuthMode
  /** Whether the reader is served too. */
  readonly reader: boolean
}

const DESCRIPTION = [
  'Sonde tells why an AWS Lambda function in a VPC can not reach something.',
  'Lists are pages: pass `nextCursor` of one as `cursor` of the next, with the same filters. Unknown parameters are refused.',
  'Errors are RFC 9457 problem details; their `type` is a path of this server that says what the problem means.',
  'GETs carry an ETag and answer 304 to `If-None-Match`. Every answer carries `x-request-id`.',
].join('\n\n')

/** OpenAPI 3.1, made from the routes' own schemas, at /openapi.json, and a reader of it at /docs. */
export async function installDocs(app: FastifyInstance, options: DocsOptions): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Sonde',
        version: options.version,
        description: DESCRIPTION,
        license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
      },
      servers: [{ url: '/' }],
      tags: [
        'functions',
        'checks',
        'postures',
        'incidents',
        'events',
        'network',
        'reports',
        'sample',
        'operation',
      ].map((name) => ({ name })),
      components: {
        securitySchemes: {
          token: { type: 'http', scheme: 'bearer', description: 'From `sonde token new`.' },
        },
      },
      security: options.auth === 'token' ? [{ token: [] }] : [],
    },
    refResolver: {
      buildLocalReference: (json, _base, _fragment, index) =>
        typeof json.$id === 'string' ? json.$id : `schema-${index}`,
    },
  })
  app.get(
    '/openapi.json',
    { config: { access: 'public' }, schema: { hide: true } },
    async (_request, reply) => reply.type('application/json').send(JSON.stringify(app.swagger())),
  )
  if (!options.reader) return
  const { default: swaggerUi } = await import('@fastify/swagger-ui')
  await app.register(async (scope) => {
    openToAll(scope)
    await scope.register(swaggerUi, {
      routePrefix: '/docs',
      // Its own page needs inline styles; its scripts are files of this server, as on every other page.
      staticCSP:
        "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; " +
        "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
      logLevel: 'silent',
    })
  })
}

/** Routes of a plugin that hold the program's own files and nobody's data. */
export function openToAll(scope: FastifyInstance): void {
  scope.addHook('onRoute', (route) => {
    route.config = { ...route.config, access: 'public' }
  })
}
