import t from 'tap'
import { hashToken } from '../../api/auth.js'
import { axe, noBrowser, openPage, startBrowser } from './support/browser.js'
import { startAccount, startSite } from './support/site.js'

const skip = noBrowser()

t.test('every page has an address of its own, and speaks the language that is asked for', async (t) => {
  const site = await startSite(t)
  const { app } = site.bench
  for (const url of ['/', '/functions/orders%20api', '/functions/a?check=b']) {
    const answer = await app.inject({
      url,
      headers: { accept: 'text/html', 'accept-language': 'ko-KR,ko;q=0.9' },
    })
    t.equal(answer.statusCode, 200, url)
    t.match(answer.headers['content-type'], /^text\/html/)
    t.match(answer.headers['vary'], /accept-language/i)
    t.match(answer.body, /<html lang="ko">/)
  }
  t.match((await app.inject('/')).body, /<html lang="en">/)
  t.equal((await app.inject('/v1/nothing')).statusCode, 404)
  const chunk = /\/chunks\/[\w-]+\.js/.exec((await app.inject('/main.js')).body)
  t.ok(chunk === null || (await app.inject(chunk[0])).statusCode === 200)
})

t.test('the first load keeps to its budget over the wire', { skip }, async (t) => {
  const site = await startAccount(t, {}, 2)
  const browser = await startBrowser(t)
  const { page } = await openPage(t, browser)
  const asked: Promise<number>[] = []
  page.on('requestfinished', (request) => {
    asked.push(
      request
        .sizes()
        .then(({ responseBodySize, responseHeadersSize }) => responseBodySize + responseHeadersSize),
    )
  })
  await page.goto(site.url)
  await page.locator('[data-row="0"] a').first().waitFor()
  const bytes = (await Promise.all(asked)).reduce((sum, one) => sum + one, 0)
  t.ok(asked.length > 3, 'the page, its style, its script and what they ask for')
  t.ok(bytes > 20_000 && bytes <= 150_000, `${bytes} bytes`)
})

t.test('a token is asked for once, in place of the page', { skip }, async (t) => {
  const token = 'sonde_a-token-for-this-test'
  const site = await startAccount(t, {
    auth: {
      mode: 'token',
      tokens: [{ name: 'viewer', hash: hashToken(token), scopes: ['read'] }],
    },
  })
  const browser = await startBrowser(t)
  const { page } = await openPage(t, browser, { expects: /401/ })
  await page.goto(site.url)
  const field = page.getByLabel('Token')
  await field.fill('wrong')
  await field.press('Enter')
  await page.getByText('That token is not known here.').waitFor()
  await axe(t, page, 'token')
  await field.fill(token)
  await field.press('Enter')
  await page.getByRole('link', { name: 'billing-worker' }).first().waitFor()
  await page.getByText('Live').waitFor()
})

t.test(
  'the reference at /docs reads the document and tries a route, under its own policy',
  { skip },
  async (t) => {
    const site = await startAccount(t)
    const { page } = await openPage(t, await startBrowser(t))
    await page.goto(`${site.url}/docs`)
    await page.getByText('Functions and their status').click()
    await page.getByRole('button', { name: 'Try it out' }).click()
    const answered = page.waitForResponse((response) => response.url().includes('/v1/functions'))
    await page.getByRole('button', { name: 'Execute' }).click()
    t.equal((await answered).status(), 200)
    await page.getByText('billing-worker').first().waitFor()
  },
)
