import type { Locator } from 'playwright-core'
import t from 'tap'
import { report, result, takeIn } from '../support/api.js'
import { axe, noBrowser, openPage, startBrowser } from './support/browser.js'
import { startAccount, startSite } from './support/site.js'

const skip = noBrowser()

t.test('ten thousand functions are some dozen rows in the document', { skip }, async (t) => {
  const site = await startSite(t)
  const names = Array.from({ length: 10_000 }, (_, index) => `fn-${String(index).padStart(5, '0')}`)
  await takeIn(
    site.bench,
    report({
      run: 'all',
      at: site.bench.now(),
      workloads: names,
      results: ['db', 'cache', 'queue', 'internet', 's3'].map((check) => result(check)),
    }),
  )
  const browser = await startBrowser(t)
  const { page } = await openPage(t, browser)
  await page.goto(site.url)
  await page.locator('[data-row="0"]').waitFor()
  t.equal(await page.getByRole('table').getAttribute('aria-rowcount'), '10001')
  const rows = () => page.locator('.matrix-body tr').count()
  for (const share of [0.1, 0.5, 0.9, 1]) {
    await page.evaluate((to) => scrollTo(0, document.documentElement.scrollHeight * to), share)
    await page.waitForFunction((to) => {
      const shown = [...document.querySelectorAll<HTMLElement>('[data-row]')].map((row) =>
        Number(row.dataset['row']),
      )
      return shown.some((row) => row >= Math.min(9_990, 10_000 * to * 0.97))
    }, share)
    t.ok((await rows()) < 80, `${await rows()} rows at ${share}`)
  }
  await page.locator('[data-row="9999"]').getByText('fn-09999').waitFor()

  await page.evaluate(() => scrollTo(0, 20_000))
  const left = page.locator('[data-row="545"] a').first()
  const before = await left.boundingBox()
  await left.click()
  await page.getByRole('heading', { name: 'fn-00545' }).waitFor()
  t.equal(await page.evaluate(() => scrollY), 0)
  await page.goBack()
  await left.waitFor()
  t.same(await left.boundingBox(), before, 'who comes back finds the list as it was left')
  await page.keyboard.press('Tab')
  t.ok(
    await page.locator('[data-row] a[tabindex="0"]').evaluateAll((all) => all.length === 1),
    'the tabulator stops at a row that is drawn',
  )
})

t.test('long names, many checks, and other media', { skip }, async (t) => {
  const site = await startSite(t)
  const long = 'a-name-that-goes-on-and-on-'.repeat(3).slice(0, 63)
  const checks = [long, ...Array.from({ length: 11 }, (_, index) => `check-${index + 1}`)]
  const workloads = [long, ...Array.from({ length: 20 }, (_, index) => `billing-worker-${index}`)]
  const results = checks.map((check) => result(check, check === long ? 'connect_timeout' : 'ok'))
  for (let run = 0; run < 2; run += 1)
    await takeIn(site.bench, report({ run: `${run}`, at: site.bench.now(), workloads, results }))
  const browser = await startBrowser(t)
  const { page } = await openPage(t, browser, { width: 390 })
  await page.goto(site.url)
  await page.locator('.cause').first().waitFor()
  await page.locator('[data-row]').nth(5).waitFor()
  const boxes = (selector: string) =>
    page.locator(selector).evaluateAll((all) => all.map((one) => one.getBoundingClientRect().toJSON()))
  t.ok(
    (await boxes('.cause')).every(({ width }) => width < 390),
    'a cause is no wider than the screen',
  )
  t.ok(
    (await boxes('.matrix-brief .count')).every(({ height }) => height < 24),
    'a count stays on its line',
  )
  await page.goto(`${site.url}/functions/billing-worker-0?check=check-11`)
  const chosen = page.getByRole('tab', { selected: true }).first()
  await chosen.waitFor()
  t.equal(await chosen.textContent(), 'check-11')
  const { left, right } = (await boxes('[role=tab][aria-selected=true]'))[0] ?? {}
  t.ok(left >= 0 && right <= 390, `the chosen tab is in sight: ${left} to ${right}`)
  const names = await page.getByRole('tablist').first().getByRole('tab').allTextContents()
  t.same(names.slice(1, 4), ['check-1', 'check-2', 'check-3'], 'as people count')

  await page.emulateMedia({ forcedColors: 'active' })
  const line = (tab: Locator) => tab.evaluate((one) => getComputedStyle(one).borderBottomColor)
  const other = page.getByRole('tab', { selected: false }).first()
  t.not(await line(chosen), await line(other), 'what is chosen can be told by lines alone')
  const ground = (name: string) =>
    page.getByRole('button', { name }).evaluate((one) => getComputedStyle(one).backgroundColor)
  t.not(await ground('1 hour'), await ground('6 hours'))
  await page.emulateMedia({ forcedColors: null, media: 'print', colorScheme: 'dark' })
  t.notOk(await page.locator('.top').isVisible(), 'paper has no navigation')
  t.equal(await page.evaluate(() => getComputedStyle(document.documentElement).colorScheme), 'light')
})

t.test('by keyboard alone', { skip }, async (t) => {
  const site = await startAccount(t)
  const browser = await startBrowser(t)
  const { page } = await openPage(t, browser)
  await page.goto(site.url)
  await page.locator('[data-row]').first().waitFor()
  // Drawing follows the key in a moment.
  const focused = async (label: string): Promise<void> => {
    await page.waitForFunction((wanted) => {
      const here = document.activeElement
      return (
        here?.textContent?.trim() === wanted || here?.getAttribute('aria-label')?.startsWith(wanted) === true
      )
    }, label)
    t.pass(label)
  }
  await page.keyboard.press('Tab')
  await focused('Skip to content')
  await page.keyboard.press('Enter')
  const inMatrix = () => page.evaluate(() => document.activeElement?.closest('[data-row]') != null)
  for (let presses = 0; presses < 40 && !(await inMatrix()); presses += 1) await page.keyboard.press('Tab')
  await focused('billing-worker')
  await page.keyboard.press('Tab')
  t.notOk(await inMatrix(), 'the matrix is one stop of the tabulator')
  await page.keyboard.press('Shift+Tab')
  await page.keyboard.press('ArrowDown')
  await focused('invoice-mailer')
  await page.keyboard.press('End')
  await focused('stock-sync')
  await page.keyboard.press('Home')
  await focused('billing-worker')
  await page.keyboard.press('ArrowRight')
  await focused('internet: Passing')
  await page.keyboard.press('ArrowLeft')
  await focused('billing-worker')
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { level: 1, name: 'billing-worker' }).waitFor()
})

t.test('nothing yet, and names that mean harm', { skip }, async (t) => {
  const site = await startSite(t)
  const browser = await startBrowser(t)
  const { page } = await openPage(t, browser)
  await page.goto(site.url)
  await page.getByText('No function has reported yet').waitFor()
  await axe(t, page, 'empty')
  const hostile = '"><img src=x onerror=alert(1)><script>alert(2)</script>'
  page.on('dialog', () => t.fail('a name was run as a script'))
  for (const run of ['r1', 'r2']) {
    await takeIn(
      site.bench,
      report({
        run,
        at: site.bench.now(),
        workloads: [hostile],
        results: [
          result(hostile, 'connect_timeout', { target: `${hostile}:1`, detail: { message: hostile } }),
        ],
      }),
    )
    site.bench.pass(1000)
  }
  await page.locator('[data-row] th').getByText(hostile).waitFor()
  await page.locator('[data-row] th a').click()
  await page.getByRole('heading', { level: 1, name: hostile }).waitFor()
  await page.getByRole('tab', { name: hostile }).waitFor()
  t.equal(await page.locator('img[src=x]').count(), 0)
  await axe(t, page, 'hostile')
})
