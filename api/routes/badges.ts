import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyReply } from 'fastify'
import { Type } from 'typebox'
import { type BadgeText, drawBadge, functionBadge, overallBadge } from '../badge.js'
import type { Store } from '../store/store.js'
import { commonProblems, NameParams, query } from './schemas.js'

export interface BadgesOptions {
  readonly store: Store
  readonly clock: () => Date
  /** Whether anyone may ask: a README on the web can't send a token. */
  readonly isPublic: boolean
}

const badgeQuery = query({
  label: Type.Optional(
    Type.String({ minLength: 1, maxLength: 64, description: 'Text on the left; default the name.' }),
  ),
  lang: Type.Optional(Type.Enum(['en', 'ko'], { default: 'en' })),
})

const Svg = {
  description: 'An SVG of 20 pixels height, with its text for screen readers.',
  content: { 'image/svg+xml': { schema: Type.String() } },
}

/** Half a minute is as long as a badge may be wrong; caches before it ask again by its ETag. */
const MAX_AGE_S = 30

/** Nothing in a badge needs anything: it is an image that says so itself. */
const BADGE_SECURITY = { 'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; sandbox" }

/** The state of a function, or of all, as an image for a README, a wiki or a wallboard. */
export const badgesRoutes: FastifyPluginAsyncTypebox<BadgesOptions> = async (app, options) => {
  const { store, clock, isPublic } = options
  const config = { access: isPublic ? ('public' as const) : ('read' as const) }
  const send = (reply: FastifyReply, badge: BadgeText, label: string | undefined, isKnown = true) =>
    reply
      .code(isKnown ? 200 : 404)
      .type('image/svg+xml; charset=utf-8')
      .headers({
        ...BADGE_SECURITY,
        'cache-control': `${isPublic ? 'public' : 'private'}, max-age=${MAX_AGE_S}, must-revalidate`,
        // What embeds it stands on another site; helmet's default would have the browser refuse the image.
        'cross-origin-resource-policy': 'cross-origin',
      })
      .send(drawBadge(label === undefined ? badge : { ...badge, label }))

  app.get(
    '/v1/badge.svg',
    {
      config,
      schema: {
        summary: 'How all functions are, as an image',
        tags: ['functions'],
        querystring: badgeQuery,
        response: { 200: Svg, ...commonProblems },
      },
    },
    async ({ query: { label, lang = 'en' } }, reply) => {
      const { functions } = await store.counts(clock())
      return send(reply, overallBadge(functions, lang), label)
    },
  )

  app.get(
    '/v1/functions/:name/badge.svg',
    {
      config,
      schema: {
        summary: 'How one function is, as an image',
        description:
          'Needs the scope `read`, or nothing where `server.publicBadges` is set. An unknown function is an image that says so, with 404.',
        tags: ['functions'],
        params: NameParams,
        querystring: badgeQuery,
        response: {
          200: Svg,
          404: { ...Svg, description: 'There is no function of that name: an image that says so.' },
          ...commonProblems,
        },
      },
    },
    async ({ params: { name }, query: { label, lang = 'en' } }, reply) => {
      const found = await store.getFunction(name, clock())
      return send(reply, functionBadge(name, found?.status ?? null, lang), label, found !== null)
    },
  )
}
