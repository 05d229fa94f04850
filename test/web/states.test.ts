import type { Page } from 'playwright-core'
import t from 'tap'
import { hashToken } from '../../api/auth.js'
import { until } from '../support/api.js'
import { runProbes } from './support/account.js'
import { axe, noBrowser, openPage, startBrowser } from './support/browser.js'
import { PAGES, settings, startFull } from './support/pages.js'
import { startAccount, startSite } from './support/site.js'

const skip = noBrowser()
const narrow = (page: Page) => page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)

t.test('each page in each of its states', { skip }, async (t) => {
  t.setTimeout(300_000)
  const browser = await startBrowser(t)
  const bare = await startSite(t, { settings })
  const full = await startFull(t)
  const locked = await startAccount(t, {
    auth: { mode: 'token', tokens: [{ name: 'x', hash: hashToken('sonde_x'), scopes: ['admin'] }] },
    settings,
  })
  for (const { name, path, api, part, empty } of PAGES) {
    await t.test(`${name}: nothing to show`, async (t) => {
      const { page } = await openPage(t, browser, { expects: /40[49]/ })
      await page.goto(`${bare.url}${path}`)
      await page.locator('main').getByText(empty).first().waitFor()
      await axe(t, page, `${name}, empty`)
    })
    await t.test(`${name}: on its way, then refused by a fault of the server, then there`, async (t) => {
      const { page } = await openPage(t, browser, { expects: /500/ })
      const held: (() => void)[] = []
      let isBroken = true
      await page.route(api, async (route) => {
        if (!isBroken) return route.continue()
        await new Promise<void>((go) => held.push(go))
        await route.fulfill({
          status: 500,
          contentType: 'application/problem+json',
          body: JSON.stringify({ title: 'x', status: 500, code: 'internal', requestId: 'req-17' }),
        })
      })
      await page.goto(`${full.url}${path}`)
      // The page's own code is there by then, and waits for its data.
      await until(() => held.length > 0)
      await page.locator('.loading').first().waitFor({ state: 'attached' })
      t.equal(await page.locator('h1').count(), 1)
      isBroken = false
      for (const go of held) go()
      const told = page.getByRole('alert').filter({ hasText: 'Something went wrong in Sonde' }).first()
      await told.getByText('req-17').waitFor()
      await axe(t, page, `${name}, failed`)
      await told.getByRole('button', { name: 'Try again' }).click()
      await page.locator(part).first().waitFor()
      t.equal(await told.count(), 0)
    })
    await t.test(`${name}: no answer at first, then there by itself`, async (t) => {
      const { page } = await openPage(t, browser, {
        expects: /ERR_INTERNET_DISCONNECTED/,
        width: 390,
        theme: 'dark',
        language: 'ko',
      })
      let isAway = true
      await page.route(api, (route) => (isAway ? route.abort('internetdisconnected') : route.continue()))
      await page.goto(`${full.url}${path}`)
      await page.getByRole('alert').getByText('Sonde에 연결할 수 없습니다').first().waitFor()
      t.ok(await narrow(page), 'nothing sticks out')
      await axe(t, page, `${name}, no answer`)
      isAway = false
      await page.locator(part).first().waitFor()
    })
    await t.test(`${name}: the connection goes while it is shown, and comes back`, async (t) => {
      const { page, context } = await openPage(t, browser, {
        expects: /ERR_INTERNET_DISCONNECTED|Failed to load/,
      })
      await page.goto(`${full.url}${path}`)
      await page.locator(part).first().waitFor()
      await page.getByText('Live', { exact: true }).waitFor()
      await context.setOffline(true)
      // A stream that is open stays so: the server ends it, as a restart would.
      full.bench.app.server.closeAllConnections()
      await page.getByText(/^Disconnected .*, retrying$/).waitFor()
      t.ok(await page.locator(part).first().isVisible(), 'what was known stays')
      await context.setOffline(false)
      await page.getByText('Live', { exact: true }).waitFor()
      t.ok(await page.locator(part).first().isVisible())
    })
    await t.test(`${name}: a token is asked for in its place`, async (t) => {
      const { page } = await openPage(t, browser, { expects: /401/ })
      await page.goto(`${locked.url}${path}`)
      await page.getByLabel('Token').waitFor()
      t.equal(await page.locator(part).count(), 0)
      await axe(t, page, `${name}, unauthorised`)
      await page.getByLabel('Token').fill('sonde_x')
      await page.getByLabel('Token').press('Enter')
      await page
        .locator(name === 'rejects' ? 'h1' : part)
        .first()
        .waitFor()
    })
  }
})

t.test('where no stream can last the page asks now and then, and says so', { skip }, async (t) => {
  const browser = await startBrowser(t)
  const site = await startFull(t, { events: { streams: false } })
  const { page, context } = await openPage(t, browser, { expects: /ERR_INTERNET_DISCONNECTED/ })
  await page.clock.install()
  const asked: string[] = []
  page.on('request', (request) => asked.push(new URL(request.url()).pathname))
  await page.goto(site.url)
  await page.getByText('Asked every 20 s').waitFor()
  const row = page.locator('[data-row]').filter({ hasText: 'billing-worker' })
  await row.getByText('Failing').waitFor()
  t.notOk(asked.includes('/v1/events'), 'no request that can only fail')
  await axe(t, page, 'polling')
  for (let run = 0; run < 2; run += 1) {
    site.bench.pass(60_000)
    await runProbes(site.bench, 1, true)
  }
  const healed = async (): Promise<boolean> => {
    await page.clock.runFor(5000)
    return (await row.getByText('Healthy').count()) === 1
  }
  for (let tries = 0; tries < 60 && !(await healed()); tries += 1) await row.waitFor()
  t.equal(await row.getByText('Healthy').count(), 1, 'news come by asking')
  await page.getByText('Nothing is wrong').waitFor()

  await context.setOffline(true)
  for (let tries = 0; tries < 60 && (await page.getByText(/Disconnected/).count()) === 0; tries += 1)
    await page.clock.runFor(5000)
  await page.getByText(/Disconnected/).waitFor()
  await context.setOffline(false)
  for (let tries = 0; tries < 60 && (await page.getByText('Asked every 20 s').count()) === 0; tries += 1)
    await page.clock.runFor(5000)
  await page.getByText('Asked every 20 s').waitFor()
})

t.test('what serves here is asked again if the first answer fails', { skip }, async (t) => {
  const browser = await startBrowser(t)
  const site = await startFull(t)
  const { page } = await openPage(t, browser, { expects: /503/ })
  let asked = 0
  await page.route('**/v1/about', async (route) => {
    asked += 1
    if (asked === 1) await route.fulfill({ status: 503, body: '' })
    else await route.continue()
  })
  await page.goto(`${site.url}/functions/billing-worker`)
  await page.getByText(/Runs on demand are off/).waitFor()
  t.equal(asked, 2)
})

t.test('an older server that refuses the stream only when asked is asked once', { skip }, async (t) => {
  const browser = await startBrowser(t)
  const site = await startFull(t, { events: { streams: false } })
  const { page } = await openPage(t, browser, { expects: /501/ })
  await page.route('**/v1/about', async (route) => {
    const answer = await route.fetch()
    const { streams: _, ...rest } = await answer.json()
    await route.fulfill({ response: answer, json: rest })
  })
  let asked = 0
  page.on('request', (request) => {
    if (request.url().endsWith('/v1/events')) asked += 1
  })
  await page.goto(site.url)
  await page.getByText('Asked every 20 s').waitFor()
  await page.getByRole('link', { name: 'Incidents' }).click()
  await page.locator('tbody tr').first().waitFor()
  t.equal(asked, 1)
})
