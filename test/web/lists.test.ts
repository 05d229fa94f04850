import t from 'tap'
import { hashToken } from '../../api/auth.js'
import { resolveConfig } from '../../api/config.js'
import { settingsOf } from '../../api/settings.js'
import { ndjson, takeIn } from '../support/api.js'
import { runProbes } from './support/account.js'
import { axe, noBrowser, openPage, startBrowser } from './support/browser.js'
import { startAccount, startSite } from './support/site.js'

const skip = noBrowser()
const HOSTILE = '"><img src=x onerror=alert(1)>'

t.test(
  'incidents: filters live in the address, pages grow, live changes come by themselves',
  { skip },
  async (t) => {
    const site = await startAccount(t)
    const browser = await startBrowser(t)
    const { page } = await openPage(t, browser)
    await page.goto(`${site.url}/incidents`)
    const rows = page.locator('tbody tr')
    await rows.first().waitFor()
    t.ok((await rows.count()) >= 6)
    await axe(t, page, 'incidents')

    await page.getByRole('combobox', { name: 'Function' }).fill('billing')
    await page.getByRole('option', { name: 'billing-worker' }).click()
    await page.waitForURL(/function=billing-worker/)
    await page.waitForFunction(() =>
      [...document.querySelectorAll('tbody tr')].every((row) => row.textContent?.includes('billing-worker')),
    )
    await page.getByRole('button', { name: 'Closed' }).click()
    await page.getByText('No incident fits the filters').waitFor()
    t.match(page.url(), /state=closed/)
    await page.reload()
    await page.getByText('No incident fits the filters').waitFor()

    site.bench.pass(180_000)
    await runProbes(site.bench, 3, true)
    await page
      .getByRole('row', { name: /Closed/ })
      .first()
      .waitFor()
    t.match(
      await page
        .getByRole('row', { name: /Closed/ })
        .first()
        .textContent(),
      /\d+ min/,
    )
    await page.getByRole('button', { name: 'Clear filters' }).click()
    t.equal(new URL(page.url()).search, '')
  },
)

t.test('incidents: more than a page is read a page at a time', { skip }, async (t) => {
  const site = await startSite(t)
  const standings = Array.from({ length: 60 }, (_, i) => `f-${String(i).padStart(2, '0')}`)
  const { report, result } = await import('../support/api.js')
  for (const run of [2, 1, 0]) {
    const at = new Date(site.bench.now().getTime() - run * 60_000)
    await takeIn(
      site.bench,
      ...standings.map((name) =>
        report({
          run: `${name} ${run}`,
          at,
          function: `probe-${name}`,
          subnet: `subnet-${name}`,
          workloads: [name],
          results: [result('db', 'connect_timeout')],
        }),
      ),
    )
  }
  const browser = await startBrowser(t)
  const { page } = await openPage(t, browser, { width: 390 })
  await page.goto(`${site.url}/incidents`)
  await page.getByText('50 shown, there are more').waitFor()
  await page.getByRole('button', { name: 'Load more' }).click()
  await page.getByText('60 shown', { exact: true }).waitFor()
  t.equal(await page.evaluate(() => document.documentElement.scrollWidth), 390, 'no sideways scrolling')
})

t.test('rejects: hostile lines are shown as text, in both languages', { skip }, async (t) => {
  const site = await startSite(t)
  const browser = await startBrowser(t)
  const { page } = await openPage(t, browser, { language: 'ko', theme: 'dark' })
  await page.goto(`${site.url}/rejects`)
  await page.getByText('거부된 보고가 없습니다').waitFor()
  await axe(t, page, 'no rejects')
  const answer = await site.bench.app.inject({
    method: 'POST',
    url: '/v1/reports',
    headers: { 'content-type': 'application/x-ndjson' },
    payload: ndjson('{"sonde":1,', { sonde: 1, run: HOSTILE, [HOSTILE]: HOSTILE }),
  })
  t.match(answer.json(), { rejected: 2 })
  await page.locator('tbody tr').nth(1).waitFor()
  const line = page.getByRole('row', { name: /onerror/ })
  await line.getByRole('button', { name: '줄 보기' }).click()
  await page.locator('pre', { hasText: 'onerror' }).waitFor()
  t.equal(await page.locator('img[src="x"]').count(), 0)
  await axe(t, page, 'rejects')
})

t.test('settings: read-only, for those who may, and nothing secret in it', { skip }, async (t) => {
  const admin = 'sonde_admin'
  const viewer = 'sonde_viewer'
  const config = resolveConfig(
    {
      tokens: [
        { name: 'ops', hash: hashToken(admin), scopes: ['admin'] },
        { name: HOSTILE, hash: hashToken(viewer), scopes: ['read'] },
      ],
      sources: { firehose: { accessKeyHash: hashToken('k') } },
      inventory: { regions: ['eu-west-1'] },
    },
    null,
  )
  const site = await startSite(t, {
    auth: { mode: 'token', tokens: config.tokens },
    settings: settingsOf(config, 'token'),
  })
  const browser = await startBrowser(t)
  const { page } = await openPage(t, browser, { expects: /40[13]/ })
  const signIn = async (token: string) => {
    await page.getByLabel('Token').fill(token)
    await page.getByLabel('Token').press('Enter')
  }
  await page.goto(`${site.url}/settings`)
  await signIn(viewer)
  await page.getByText('Settings need a token with the scope admin').waitFor()
  await axe(t, page, 'settings without the scope')
  await page.getByRole('button', { name: 'Forget token' }).click()
  await signIn(admin)
  await page.getByRole('row', { name: /ops/ }).waitFor()
  await page.getByText('accepted with the key of the stream (hidden)').waitFor()
  const reference = await page.getByRole('link', { name: 'The API’s reference' }).getAttribute('href')
  t.equal((await fetch(new URL(reference ?? '', site.url))).status, 200, 'the reference is there')
  const text = await page.locator('main').textContent()
  t.match(text, HOSTILE, 'a name is text')
  t.notMatch(text, /sha256|[0-9a-f]{32}/)
  t.equal(await page.locator('main input, main select, main form').count(), 0, 'nothing to change')
  await axe(t, page, 'settings')
})
