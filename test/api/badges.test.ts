import t from 'tap'
import { hashToken } from '../../api/auth.js'
import { drawBadge, functionBadge, overallBadge } from '../../api/badge.js'
import { report, result, START, startApi, takeIn } from '../support/api.js'
import { noBrowser, startBrowser } from '../web/support/browser.js'

const HOSTILE = '</text><script>alert(1)</script>&"\'\u0000\ud800\u202e]]>'
const counts = (some: object) => ({ healthy: 0, degraded: 0, failing: 0, stale: 0, unknown: 0, ...some })

t.test('a badge tells the state in words, in both languages, and the worst of all first', async (t) => {
  const api = await startApi()
  t.teardown(api.close)
  const none = await api.app.inject('/v1/badge.svg')
  t.match(none.body, /<title>sonde: no functions<\/title>/)
  for (const second of [0, 1, 2]) {
    const at = new Date(START.getTime() + second * 1000)
    await takeIn(
      api,
      report({ run: `a${second}`, at, results: [result('db', 'connect_timeout')] }),
      report({ run: `b${second}`, at, function: 'p2', subnet: 'subnet-b', workloads: ['fine'] }),
    )
  }
  await api.store.declareFunctions([{ name: 'silent' }])
  const failing = await api.app.inject('/v1/functions/orders/badge.svg')
  t.equal(failing.statusCode, 200)
  t.match(failing.headers['content-type'], /^image\/svg\+xml/)
  t.match(failing.body, 'role="img" aria-label="orders: failing"')
  t.match((await api.app.inject('/v1/functions/orders/badge.svg?lang=ko')).body, /orders: 장애/)
  t.match((await api.app.inject('/v1/functions/orders/badge.svg?label=db')).body, /<title>db: failing/)
  t.match((await api.app.inject('/v1/functions/fine/badge.svg')).body, /fine: healthy/)
  t.match((await api.app.inject('/v1/badge.svg')).body, /<title>sonde: 1 failing · 1 unknown<\/title>/)

  const unknown = await api.app.inject('/v1/functions/nobody/badge.svg')
  t.equal(unknown.statusCode, 404)
  t.match(unknown.body, /nobody: not found/, 'an image all the same: it stands in a page')

  t.match(failing.headers['cache-control'], /^private, max-age=30/)
  const again = await api.app.inject({
    url: '/v1/functions/orders/badge.svg',
    headers: { 'if-none-match': String(failing.headers.etag) },
  })
  t.equal(again.statusCode, 304)
})

t.test('badges need a token, unless the configuration makes them public', async (t) => {
  const auth = {
    mode: 'token' as const,
    tokens: [{ name: 'a', hash: hashToken('sonde_x'), scopes: ['read' as const] }],
  }
  const closed = await startApi({ auth })
  t.teardown(closed.close)
  t.equal((await closed.app.inject('/v1/badge.svg')).statusCode, 401)
  const open = await startApi({ auth, publicBadges: true })
  t.teardown(open.close)
  const badge = await open.app.inject('/v1/badge.svg')
  t.equal(badge.statusCode, 200)
  t.match(badge.headers['cache-control'], /^public/)
  t.equal(badge.headers['cross-origin-resource-policy'], 'cross-origin')
  t.equal((await open.app.inject('/v1/functions')).statusCode, 401, 'and nothing else is')
})

t.test('hostile names stay text', async (t) => {
  const svg = drawBadge(functionBadge(HOSTILE, 'failing', 'en'))
  t.notMatch(svg, /<script/)
  // biome-ignore lint/suspicious/noControlCharactersInRegex: what XML can't hold must not be there
  t.notMatch(svg, /[\u0000-\u0008\ud800\u202e]/)
  t.match(svg, '&lt;script&gt;')
  t.match(drawBadge(functionBadge('x'.repeat(256), 'stale', 'en')), /x{63}…/)
})

t.test(
  'a browser reads every badge as XML, and its text fits its box in contrast',
  { skip: noBrowser() },
  async (t) => {
    const browser = await startBrowser(t)
    const page = await browser.newPage()
    const badges = [
      functionBadge('orders-api', 'healthy', 'en'),
      functionBadge('WWWWWW@@@mmmm', 'degraded', 'ko'),
      functionBadge('iiiiiiiilllll', 'stale', 'en'),
      functionBadge('결제-서비스', 'failing', 'ko'),
      functionBadge(HOSTILE, null, 'en'),
      overallBadge(counts({ failing: 12, degraded: 3, healthy: 9 }), 'en'),
      overallBadge(counts({ healthy: 9 }), 'ko'),
    ]
    for (const badge of badges) {
      const measured = await page.evaluate((text) => {
        const parsed = new DOMParser().parseFromString(text, 'image/svg+xml')
        if (parsed.querySelector('parsererror')) return null
        document.body.replaceChildren(document.importNode(parsed.documentElement, true))
        const luminance = (colour: string) => {
          const [r = 0, g = 0, b = 0] = [1, 3, 5]
            .map((at) => Number.parseInt(colour.slice(at, at + 2), 16) / 255)
            .map((c) => (c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4))
          return 0.2126 * r + 0.7152 * g + 0.0722 * b
        }
        const boxes = [...document.querySelectorAll('rect[fill]')].map((one) => ({
          box: one.getBoundingClientRect(),
          contrast: 1.05 / (luminance(one.getAttribute('fill') ?? '') + 0.05),
        }))
        const texts = [...document.querySelectorAll('text')].map((one) => {
          const forced = one.getBoundingClientRect()
          one.removeAttribute('textLength')
          return { forced, natural: one.getBoundingClientRect().width }
        })
        return texts.map(({ forced, natural }, index) => ({
          left: forced.left - (boxes[index]?.box.left ?? 0),
          right: (boxes[index]?.box.right ?? 0) - forced.right,
          stretch: forced.width / natural,
          contrast: boxes[index]?.contrast ?? 0,
        }))
      }, drawBadge(badge))
      if (measured === null) {
        t.fail(`not XML: ${badge.label}`)
        continue
      }
      for (const one of measured) {
        t.ok(one.left >= 4 && one.right >= 4, `${badge.label}: inside (${one.left}, ${one.right})`)
        t.ok(one.stretch > 0.9 && one.stretch < 1.12, `${badge.label}: not squeezed (${one.stretch})`)
        t.ok(one.contrast >= 4.5, `${badge.label}: contrast ${one.contrast}`)
      }
    }
  },
)
