import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import staticFiles from '@fastify/static'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { openToAll } from './docs.js'
import { languageOf } from './language.js'
import { PAGES } from './web/pages.js'

const DOCUMENT = 'index.html'
/** Names of chunks hold the hash of their content. */
const HASHED = /\/chunks\/[^/]+-[A-Z0-9]{8}\.(js|css)(\.map)?$/
const NO_SCRIPT = 'Sonde의 화면에는 JavaScript가 필요합니다. 같은 내용이 /v1/functions에 있습니다.'

/**
 * Serves the built dashboard: its files, and its one document at the address of every page, in the language that the reader's
 * browser asks for. The folder is read once.
 */
export async function installPage(app: FastifyInstance, webRoot: string): Promise<void> {
  if (!existsSync(join(webRoot, DOCUMENT))) return
  const en = readFileSync(join(webRoot, DOCUMENT), 'utf8')
  const ko = en
    .replace('<html lang="en">', '<html lang="ko">')
    .replace(/<noscript>[^<]*<\/noscript>/, `<noscript>${NO_SCRIPT}</noscript>`)
  const send = (request: FastifyRequest, reply: FastifyReply): FastifyReply =>
    reply
      .header('cache-control', 'no-cache')
      .header('vary', 'accept-language')
      .type('text/html; charset=utf-8')
      .send(languageOf(request) === 'ko' ? ko : en)

  await app.register(async (scope) => {
    openToAll(scope)
    await scope.register(staticFiles, {
      root: webRoot,
      wildcard: false,
      index: false,
      globIgnore: [DOCUMENT],
      cacheControl: false,
      setHeaders: (response, path) => {
        response.setHeader(
          'cache-control',
          HASHED.test(path) ? 'public, max-age=31536000, immutable' : 'no-cache',
        )
      },
    })
    for (const url of Object.values(PAGES)) {
      scope.get(url, { schema: { hide: true } }, async (request, reply) => send(request, reply))
    }
  })
}
