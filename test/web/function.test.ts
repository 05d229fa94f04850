import type { Page } from 'playwright-core'
import t, { type Test } from 'tap'
import type { Runner } from '../../api/runner.js'
import { runProbes } from './support/account.js'
import { axe, noBrowser, openPage, startBrowser } from './support/browser.js'
import { type Site, startAccount } from './support/site.js'

const skip = noBrowser()

t.test('one who has never seen it finds what is broken, why, and the fix', { skip }, async (t) => {
  const site = await startAccount(t)
  const browser = await startBrowser(t)
  const { page } = await openPage(t, browser)
  await page.goto(site.url)
  await page.locator('[data-row]').filter({ hasText: 'billing-worker' }).getByRole('link').first().click()
  await page.getByRole('heading', { level: 1, name: 'billing-worker' }).waitFor()
  await page
    .locator('.sentence')
    .getByText(/orders-db \(sg-000000000000000d1\) lacks an inbound rule/)
    .waitFor()
  t.equal(await page.getByRole('tab', { name: /orders-db/ }).getAttribute('aria-selected'), 'true')

  const out = page.getByRole('list', { name: 'Path from billing-worker to orders' })
  await out.getByRole('button', { name: /^Security group .*sg-000000000000000d1.* Blocked/ }).waitFor()
  await out.getByText('Broken here').waitFor()
  await out.getByRole('button', { name: /^Route table/ }).click()
  await page.locator('.inspector').getByText('rtb-00000000000000a11').first().waitFor()

  const fix = page.getByRole('region', { name: 'The fix' })
  for (const [form, text] of [
    ['AWS CLI', /^aws ec2 authorize-security-group-ingress/],
    ['CloudFormation', /AWS::EC2::SecurityGroupIngress/],
    ['Terraform', /resource "aws_vpc_security_group_ingress_rule"/],
  ] as const) {
    await fix.getByRole('tab', { name: form }).click()
    await fix.getByRole('button', { name: `Copy: ${form}` }).click()
    await fix.getByText('Copied').waitFor()
    t.match(await page.evaluate(() => navigator.clipboard.readText()), text, form)
    await fix.getByRole('button', { name: `Copy: ${form}` }).waitFor()
  }

  await fix.getByRole('button', { name: 'Rehearse' }).click()
  await page.getByText('With this fix the path is open, out and back.').waitFor()
  await out.getByText('changed').waitFor()
  t.equal(await out.getByText('Broken here').count(), 0)
  await page.getByRole('button', { name: 'Now', exact: true }).click()
  await out.getByText('Broken here').waitFor()
})

async function fits(t: Test, page: Page): Promise<void> {
  t.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), 'nothing sticks out')
}

t.test('every subnet by itself, in each language, theme and width', { skip }, async (t) => {
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
      await page.goto(`${site.url}/functions/orders-api`)
      const subnet = page.getByRole('button', { name: 'subnet-00000000000000c11' })
      await subnet.waitFor()
      t.equal(await subnet.getAttribute('aria-pressed'), 'true', 'the one that fails is shown first')
      await page.locator('.hop-is-block').waitFor()
      await fits(t, page)
      const ids = await page
        .locator('.function :is(p, dd) span, .named-id code')
        .evaluateAll((spans) =>
          spans
            .filter((one) => /-[0-9a-f]{17}/.test(one.textContent ?? '') && one.childElementCount === 0)
            .map((one) => one.getClientRects().length),
        )
      t.ok(ids.length > 4)
      t.ok(
        ids.every((lines) => lines <= 1),
        'no id goes on in another line',
      )
      await axe(t, page, `function ${language} ${theme} ${width}`)
      await page.getByRole('button', { name: 'subnet-00000000000000a11' }).click()
      await page.locator('.hop-is-block').waitFor({ state: 'detached' })
      t.equal(new URL(page.url()).searchParams.get('subnet'), 'subnet-00000000000000a11')

      for (const [view, shown] of [
        [language === 'en' ? 'Latency' : '지연 시간', page.locator('.graph-box canvas').nth(1)],
        [language === 'en' ? 'Last results' : '최근 결과', page.getByRole('row').nth(10)],
        [language === 'en' ? 'Incidents' : '장애 이력', page.getByRole('row').nth(1)],
      ] as const) {
        await page.getByRole('tab', { name: view }).click()
        await shown.waitFor()
        await fits(t, page)
        await axe(t, page, `${view} ${theme} ${width}`)
      }
      const said = await page.locator('time').first().getAttribute('title')
      t.match(said, /GMT\+9$/, 'times are in the zone of the viewer, which is named')
      await page.reload()
      await page.getByRole('row').nth(1).waitFor()
      t.equal(
        new URL(page.url()).searchParams.get('view'),
        'incidents',
        'what is looked at is in the address',
      )
    })
  }
})

t.test('where the configuration lets everything through, what else fits is told', { skip }, async (t) => {
  const site = await startAccount(t, {}, 2)
  site.bench.pass(180_000)
  await runProbes(site.bench, 3, 'refused')
  const browser = await startBrowser(t)
  const { page } = await openPage(t, browser, { width: 390 })
  await page.goto(`${site.url}/functions/cart-api?check=orders-db`)
  await page.locator('.verdict').getByText('Outside the configuration').waitFor()
  const fitting = page.locator('.candidates li')
  t.ok((await fitting.count()) >= 2)
  for (const one of await fitting.allTextContents()) t.match(one, /Next: ./)
  t.equal(await page.locator('.hop-is-block').count(), 0)
  t.equal(await page.locator('.fix').count(), 0, 'there is nothing to change')
  await axe(t, page, 'candidates')
})

t.test('history is zoomed and read with one cursor', { skip }, async (t) => {
  const site = await startAccount(t, {}, 60)
  const browser = await startBrowser(t)
  const { page } = await openPage(t, browser)
  await page.goto(`${site.url}/functions/cart-api?check=internet&range=1h&view=latency`)
  const charts = page.locator('.u-over')
  await charts.nth(1).waitFor()
  await charts.first().scrollIntoViewIfNeeded()
  const box = await charts.first().boundingBox()
  if (box === null) throw new Error('the chart has no box')
  await page.mouse.move(box.x + box.width * 0.5, box.y + 40)
  for (const chart of [0, 1]) {
    await page.locator('.u-legend').nth(chart).getByText(/\d ms/).first().waitFor()
  }
  const bars = () => page.locator('.strip rect').count()
  const before = await bars()
  t.ok(before > 50, 'a bar a minute')
  await page.mouse.down()
  await page.mouse.move(box.x + box.width * 0.7, box.y + 40, { steps: 4 })
  await page.mouse.up()
  await page.waitForFunction((all) => document.querySelectorAll('.strip rect').length < all / 2, before)
  await page.mouse.dblclick(box.x + box.width * 0.3, box.y + 40)
  await page.waitForFunction((all) => document.querySelectorAll('.strip rect').length === all, before)
  await page.mouse.down()
  await page.mouse.move(box.x + box.width * 0.5, box.y + 40, { steps: 4 })
  await page.mouse.up()
  await page.waitForFunction((all) => document.querySelectorAll('.strip rect').length < all / 2, before)
  await page.getByRole('tab', { name: 'Path' }).click()
  await page.waitForFunction((all) => document.querySelectorAll('.strip rect').length === all, before)
})

t.test('a history is shown from its beginning, and nothing is drawn of nothing', { skip }, async (t) => {
  const site = await startAccount(t, {}, 12)
  const browser = await startBrowser(t)
  const { page } = await openPage(t, browser)
  await page.goto(`${site.url}/functions/cart-api?check=orders-db&view=latency`)
  await page.locator('.graph-box canvas').nth(1).waitFor()
  const beginsAt = () =>
    page
      .locator('.strip rect')
      .first()
      .evaluate((one) => Number(one.getAttribute('x')))
  t.ok((await beginsAt()) < 200, 'twelve minutes of history fill the picture')
  await page.getByRole('button', { name: '1 hour' }).click()
  await page.waitForFunction(() => Number(document.querySelector('.strip rect')?.getAttribute('x')) > 700)
  await page.goto(`${site.url}/functions/report-export?check=internet&view=latency`)
  await page.getByText('Nothing came through in this time').waitFor()
  t.equal(await page.locator('.graph-box').count(), 0)
  t.ok((await page.locator('.strip rect').count()) > 5, 'its states are there all the same')
})

t.test('probes are run on demand and followed, where that is possible', { skip }, async (t) => {
  const browser = await startBrowser(t)
  const off = await startAccount(t, {}, 3)
  const sites: Site[] = []
  const runner: Runner = {
    run: async () => {
      const [site] = sites
      if (site === undefined) return []
      for (let run = 0; run < 2; run += 1) {
        site.bench.pass(1000)
        await runProbes(site.bench, 1, true)
      }
      return [
        {
          probe: 'sonde-a11-f2',
          subnet: 'subnet-00000000000000a11',
          run: 'r',
          ms: 812,
          results: [],
          error: null,
        },
      ]
    },
  }
  const on = await startAccount(t, { runner }, 3)
  sites.push(on)
  const { page } = await openPage(t, browser)
  await page.goto(`${off.url}/functions/billing-worker`)
  const button = page.getByRole('button', { name: 'Run now' })
  t.ok(await button.isDisabled())
  await page.getByText(/Runs on demand are off/).waitFor()

  await page.goto(`${on.url}/functions/billing-worker`)
  await page.getByText('Failing').first().waitFor()
  await page.getByRole('button', { name: 'Run now' }).click()
  await page.getByText('1 probe has answered').waitFor()
  await page.locator('.function-title').getByText('Healthy').waitFor()
  // The snapshot still says that nothing can pass.
  await page
    .locator('.sentence')
    .getByText(/The packet got through/)
    .waitFor()
  await axe(t, page, 'after a run')
})

t.test('a function that is not there, and a page that is not there', { skip }, async (t) => {
  const site = await startAccount(t, {}, 2)
  const browser = await startBrowser(t)
  const { page } = await openPage(t, browser, { expects: /404/ })
  await page.goto(`${site.url}/functions/nobody`)
  await page.getByText('There is no such function').waitFor()
  await axe(t, page, 'no such function')
  await page.evaluate(() => history.pushState(null, '', '/nowhere'))
  await page.evaluate(() => dispatchEvent(new PopStateEvent('popstate')))
  await page.getByRole('heading', { name: 'There is no such page' }).waitFor()
  await page.getByRole('link', { name: 'To the overview' }).click()
  await page.locator('[data-row]').first().waitFor()
})
