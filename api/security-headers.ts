import helmet from '@fastify/helmet'
import fastify from 'fastify'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The route sends the security headers that fit its answers itself. */
    ownSecurityHeaders?: boolean
  }
}

/** Nothing inline, nothing from elsewhere; the page talks to its own origin alone. */
const CONTENT_SECURITY = {
  useDefaults: false,
  directives: {
    'default-src': ["'none'"],
    'script-src': ["'self'"],
    'style-src': ["'self'"],
    'img-src': ["'self'", 'data:'],
    'font-src': ["'self'"],
    'connect-src': ["'self'"],
    'manifest-src': ["'self'"],
    'base-uri': ["'none'"],
    'form-action': ["'self'"],
    'frame-ancestors': ["'none'"],
  },
}

/** What an answer that is only ever JSON needs of them; for routes that are asked often. */
export const JSON_SECURITY_HEADERS: Readonly<Record<string, string>> = {
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
}

/** Helmet's headers for every answer. They never change, but its plugin makes them anew for each request: it is asked once. */
export async function helmetHeaders(): Promise<Record<string, string>> {
  const asked = fastify()
  await asked.register(helmet, {
    contentSecurityPolicy: CONTENT_SECURITY,
    crossOriginEmbedderPolicy: false,
    strictTransportSecurity: false,
  })
  asked.get('/', async (_request, reply) => reply.send())
  const { headers } = await asked.inject('/')
  await asked.close()
  const own = new Set(['content-length', 'connection', 'date'])
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      typeof value === 'string' && !own.has(name) ? [[name, value] as const] : [],
    ),
  )
}
