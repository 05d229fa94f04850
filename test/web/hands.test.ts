import t from 'tap'
import { report, result, takeIn } from '../support/api.js'
import { runProbes } from './support/account.js'
import { noBrowser, openPage, startBrowser } from './support/browser.js'
import { type Site, startAccount } from './support/site.js'

// What a viewer has in hand stays in their hand, whatever news come.

const skip = noBrowser()
const ADMITTED = 'sg-000000000000000f1'

/** The probes of three subnets report twice: the database answers none of them, the internet neither the first nor the last. */
async function worsen(site: Site): Promise<void> {
  for (let run = 0; run < 2; run += 1) {
    site.bench.pass(60_000)
    await takeIn(
      site.bench,
      ...['a', 'b', 'c'].map((letter) => {
        const { probe, ...rest } = report({
          run: `${letter} ${run}`,
          at: site.bench.now(),
          function: `sonde-${letter}11-f1`,
          region: 'ap-northeast-2',
          account: '111122223333',
          subnet: `subnet-00000000000000${letter}11`,
          workloads: ['orders-api'],
          results: [
            result('orders-db', 'connect_timeout', { kind: 'postgres' }),
            result('internet', letter === 'b' ? 'ok' : 'connect_timeout', {
              kind: 'http',
              target: 'https://api.example.com/health',
            }),
          ],
        })
        return { ...rest, probe: { ...probe, securityGroups: [ADMITTED] } }
      }),
    )
  }
}

t.test('a page in use', { skip }, async (t) => {
  const browser = await startBrowser(t)
  await t.test('a rehearsal stays in view when something else turns worse', async (t) => {
    const site = await startAccount(t, {}, 3)
    const { page } = await openPage(t, browser)
    await page.goto(`${site.url}/functions/orders-api`)
    const tab = (name: string) => page.getByRole('tab', { name })
    const subnet = page.locator('.subnets [aria-pressed="true"]')
    await subnet.getByText('subnet-00000000000000c11').waitFor()
    await page.getByRole('button', { name: 'Rehearse' }).click()
    const rehearsed = page.getByText('With this fix the path is open, out and back.')
    await rehearsed.waitFor()
    await worsen(site)
    await page.locator('.function-title').getByText('Failing').waitFor()
    await tab('orders-db').getByText('3/3').waitFor()
    await tab('internet').getByText('2/3').waitFor()
    t.equal(await tab('internet').getAttribute('aria-selected'), 'true', 'the check stays')
    t.equal(await subnet.getByText('subnet-00000000000000c11').count(), 1, 'the subnet stays')
    t.equal(await rehearsed.count(), 1, 'the rehearsal stays')

    const { page: watched } = await openPage(t, browser)
    await watched.goto(`${site.url}/functions/orders-api`)
    await watched.locator('[role="tab"][aria-selected="true"]').getByText('orders-db').waitFor()
  })

  await t.test('a chart that is zoomed stays so in another theme', async (t) => {
    const site = await startAccount(t, {}, 60)
    const { page } = await openPage(t, browser)
    await page.goto(`${site.url}/functions/cart-api?check=internet&range=1h&view=latency`)
    const chart = page.locator('.u-over').first()
    await chart.scrollIntoViewIfNeeded()
    const box = await chart.boundingBox()
    if (box === null) throw new Error('the chart has no box')
    const bars = () => page.locator('.strip rect').count()
    const all = await bars()
    await page.mouse.move(box.x + box.width * 0.5, box.y + 40)
    await page.mouse.down()
    await page.mouse.move(box.x + box.width * 0.7, box.y + 40, { steps: 4 })
    await page.mouse.up()
    await page.waitForFunction((all) => document.querySelectorAll('.strip rect').length < all / 2, all)
    const zoomed = await bars()
    const timeUnderCursor = async () => {
      await page.mouse.move(box.x + 4, box.y + 20)
      await page.mouse.move(box.x + box.width * 0.1, box.y + 40)
      return page.locator('.u-legend').first().locator('.u-value').first().textContent()
    }
    const before = await timeUnderCursor()
    t.match(before, /^\d\d:\d\d$/)
    for (const theme of ['as the system', 'light', 'dark'])
      await page.getByRole('button', { name: `Theme: ${theme}` }).click()
    await page.getByRole('button', { name: 'Theme: as the system' }).waitFor()
    t.equal(await timeUnderCursor(), before, 'drawn anew, twice, as it was')
    t.equal(await bars(), zoomed)
  })

  await t.test('what is tried on a path stays through news and a lost connection', async (t) => {
    const site = await startAccount(t, {}, 3)
    const { page } = await openPage(t, browser, { expects: /ERR_|Failed to load/ })
    await page.goto(`${site.url}/trace?from=billing-worker&to=rds:orders`)
    await page.getByText('Live', { exact: true }).waitFor()
    await page
      .getByRole('button', { name: /^Remove: / })
      .first()
      .click()
    const changes = page.locator('.what-if-changes li')
    await page.locator('.what-if-outcome .trace-verdict').waitFor()
    const tried = await changes.first().textContent()
    await page.getByRole('combobox', { name: 'From' }).fill('cart-')
    for (let run = 0; run < 2; run += 1) {
      site.bench.pass(60_000)
      await runProbes(site.bench, 1, true)
    }
    const traced = page.waitForResponse((response) => response.url().endsWith('/v1/trace'))
    site.bench.app.server.closeAllConnections()
    await traced
    await page.getByText('Live', { exact: true }).waitFor()
    t.equal(await changes.first().textContent(), tried)
    t.equal(await page.locator('.what-if-outcome .trace-verdict').count(), 1)
    t.equal(await page.getByRole('combobox', { name: 'From' }).inputValue(), 'cart-', 'nor is what is typed')
  })
})
