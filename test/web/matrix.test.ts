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
