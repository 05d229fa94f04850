import t from 'tap'
import { until } from '../support/api.js'
import { runProbes } from './support/account.js'
import { axe, noBrowser, openPage, startBrowser } from './support/browser.js'
import { startAccount } from './support/site.js'

const skip = noBrowser()

t.test('causes first, then functions by checks', { skip }, async (t) => {
  const site = await startAccount(t)
  const browser = await startBrowser(t)
  for (const [language, theme, width] of [
    ['en', 'light', 1440],
    ['ko', 'dark', 1440],
    ['ko', 'light', 390],
    ['en', 'dark', 390],
  ] as const) {
    await t.test(`${language}, ${theme}, ${width} px`, async (t) => {
      const { page } = await openPage(t, browser, { language, theme, width })
      await page.goto(site.url)
      const causes = page.getByRole('region', {
        name: language === 'en' ? 'What is wrong now' : '현재 문제',
      })
      await causes.getByRole('link', { name: 'billing-worker' }).waitFor()
      t.equal(await causes.getByRole('listitem').count(), 2, 'four functions fail for two causes')
      t.match(await causes.textContent(), /sg-000000000000000d1/)
      await page.locator('[data-row]').first().waitFor()
      const rows = await page.locator('[data-row] th').allTextContents()
      t.equal(rows.length, 6)
      t.same(rows.slice(4).sort(), ['cart-api', 'stock-sync'], 'what is well stands last')
      t.equal(await page.evaluate(() => document.documentElement.lang), language)
      t.ok(
        await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth),
        'nothing sticks out',
      )
      t.ok(
        await page.locator('.cause-summary, .cause-fix > span').evaluateAll((all) =>
          all.every((one) => {
            const lines = one.clientHeight / Number.parseFloat(getComputedStyle(one).lineHeight)
            return one.clientHeight > 0 && Math.abs(lines - Math.round(lines)) < 0.05
          }),
        ),
        'no line is cut in half where causes have one height',
      )
      t.same(
        await page
          .locator('.nav a')
          .evaluateAll((links) =>
            links
              .filter((one) => one.getBoundingClientRect().right > innerWidth)
              .map((one) => one.textContent),
          ),
        [],
        'every page can be gone to without scrolling sideways',
      )
      await axe(t, page, `overview ${language} ${theme} ${width}`)
    })
  }
})

t.test('the filter and the search live in the address', { skip }, async (t) => {
  const site = await startAccount(t)
  const browser = await startBrowser(t)
  const { page } = await openPage(t, browser)
  await page.goto(site.url)
  const row = (name: string) => page.locator('[data-row]').filter({ hasText: name })
  await row('cart-api').waitFor()
  await page.getByRole('button', { name: /^Failing/ }).click()
  await row('cart-api').waitFor({ state: 'detached' })
  await page.getByRole('searchbox').fill('BILL')
  await row('report-export').waitFor({ state: 'detached' })
  await page.waitForURL(/q=BILL/)
  t.same(Object.fromEntries(new URL(page.url()).searchParams), { status: 'failing', q: 'BILL' })
  await page.reload()
  await row('billing-worker').waitFor()
  t.equal(await page.locator('[data-row]').count(), 1)
  t.equal(await page.getByRole('searchbox').inputValue(), 'BILL')

  await page.getByRole('searchbox').fill('nobody')
  await page.getByText('No function matches').waitFor()
  await axe(t, page, 'no match')
  await page.getByRole('button', { name: 'Clear the filter' }).click()
  await row('cart-api').waitFor()

  await page.getByRole('button', { name: '한국어' }).click()
  await page.getByRole('heading', { name: '현재 문제' }).waitFor()
  await page.reload()
  await page.getByRole('heading', { name: '현재 문제' }).waitFor()
  // The page is drawn after a click: the next one would else be asked of the theme before.
  for (const theme of ['light', 'dark']) {
    await page.getByRole('button', { name: '테마' }).click()
    await page.locator(`html[data-theme=${theme}]`).waitFor()
  }
  t.equal(await page.evaluate(() => document.documentElement.dataset['theme']), 'dark')
})

t.test('what changes is told live, in place, and a lost connection is said', { skip }, async (t) => {
  const site = await startAccount(t)
  const browser = await startBrowser(t)
  const { page, context } = await openPage(t, browser, {
    expects: /ERR_INTERNET_DISCONNECTED|Failed to load/,
  })
  await page.goto(site.url)
  const row = page.locator('[data-row]').filter({ hasText: 'billing-worker' })
  await row.getByText('Failing').waitFor()
  const before = await row.boundingBox()
  const matrix = await page.locator('.matrix').boundingBox()
  for (let run = 0; run < 2; run += 1) {
    site.bench.pass(60_000)
    await runProbes(site.bench, 1, true)
  }
  await row.getByText('Healthy').waitFor()
  t.same(await row.boundingBox(), before, 'the row stays where it was')
  t.same(await page.locator('.matrix').boundingBox(), matrix, 'as does the matrix, when causes go')
  await page.getByText('Nothing is wrong').waitFor()
  const held: (() => void)[] = []
  await page.route(/\/v1\/matrix\?limit/, async (route) => {
    await new Promise<void>((go) => held.push(go))
    await route.continue()
  })
  await page.getByRole('button', { name: 'Sort anew' }).click()
  await until(() => held.length > 0)
  t.equal(await page.locator('[data-row]').count(), 6, 'what is shown stays until the new list has come')
  for (const go of held) go()
  await page.getByRole('button', { name: 'Sort anew' }).waitFor({ state: 'detached' })
  await page.unroute(/\/v1\/matrix\?limit/)

  await context.setOffline(true)
  // A stream that is open stays so: the server ends it, as a restart would.
  site.bench.app.server.closeAllConnections()
  await page.getByText(/Disconnected/).waitFor()
  await axe(t, page, 'disconnected')
  for (let run = 0; run < 2; run += 1) {
    site.bench.pass(60_000)
    await runProbes(site.bench, 1)
  }
  await context.setOffline(false)
  await page.getByText('Live', { exact: true }).waitFor()
  await row.getByText('Failing').waitFor()

  // All have fallen silent.
  site.bench.pass(3_600_000)
  await page.reload()
  await page.getByText('Nothing is known to be wrong').waitFor()
  await page.getByText('6 functions have fallen silent').waitFor()
})
