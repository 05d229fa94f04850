import { createHash } from 'node:crypto'
import type { FastifyInstance } from 'fastify'

/**
 * Gives every successful GET a weak ETag of its bytes, and answers 304 where the client has them already (RFC 9110, 13.1.2:
 * only where the answer would be a success, and comparing weakly, because compression changes the bytes on the wire).
 */
export function installEtag(app: FastifyInstance): void {
  app.addHook('onSend', (request, reply, payload: unknown, done) => {
    const answers = request.method === 'GET' || request.method === 'HEAD'
    if (!answers || reply.statusCode !== 200 || typeof payload !== 'string') {
      done(null, payload)
      return
    }
    const kept = reply.getHeader('etag')
    const tag = typeof kept === 'string' ? kept : weakTag(payload)
    if (tag !== kept) reply.header('etag', tag)
    if (!reply.hasHeader('cache-control')) reply.header('cache-control', 'no-cache')
    const known = request.headers['if-none-match']
    if (known !== undefined && matches(known, tag)) {
      reply.code(304).removeHeader('content-type').removeHeader('content-length')
      done(null, '')
      return
    }
    done(null, payload)
  })
}

export function weakTag(payload: string): string {
  return `W/"${createHash('sha1').update(payload).digest('base64url')}"`
}

function matches(header: string, tag: string): boolean {
  if (header.trim() === '*') return true
  const opaque = tag.slice(2)
  return header.split(',').some((candidate) => candidate.trim().replace(/^W\//, '') === opaque)
}
