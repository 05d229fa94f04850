import type { FastifyRequest } from 'fastify'
import type { Language } from './diagnosis/explain.js'

/** The first language of `Accept-Language` (RFC 9110, 12.5.4) that Sonde speaks; English where there is none. */
export function languageOf(request: Pick<FastifyRequest, 'headers'>): Language {
  const first = (request.headers['accept-language'] ?? '')
    .split(',')
    .find((tag) => /^\s*(ko|en)\b/i.test(tag))
  return first !== undefined && /^\s*ko/i.test(first) ? 'ko' : 'en'
}
