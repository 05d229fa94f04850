import type { Page } from 'playwright-core'
import t from 'tap'
import { hashToken } from '../../api/auth.js'
import type { Runner } from '../../api/runner.js'
import { until } from '../support/api.js'
import { runProbes } from './support/account.js'
import { axe, noBrowser, openPage, startBrowser } from './support/browser.js'
import { settings } from './support/pages.js'
import { takeShifts, watchShifts } from './support/shifts.js'
import { fillAccount, restartSite, startAccount } from './support/site.js'

// What becomes of a page that is open while its server, its token or its line go.

const skip = noBrowser()

const withToken = (token: string) => ({
  settings,
  auth: {
    mode: 'token' as const,
    tokens: [{ name: 'viewer', hash: hashToken(token), scopes: ['admin' as const] }],
  },
})

async function enter(page: Page, token: string): Promise<void> {
  await page.getByLabel('Token').fill(token)
  await page.getByLabel('Token').press('Enter')
}

t.test('a page that is open', { skip }, async (t) => {
  const browser = await startBrowser(t)
  await t.test(
    'a token that is withdrawn is asked for anew, and the viewer is where they were',
    async (t) => {
      const site = await startAccount(t, withToken('sonde_first'), 3)
      const places = [
        ['/?status=failing&q=billing', '[data-row]'],
        ['/functions/billing-worker?check=internet&view=results', 'tbody tr'],
      ] as const
      const open = await Promise.all(
        places.map(async ([path, part]) => {
          const { page } = await openPage(t, browser, { expects: /401|ERR_|Failed to load/ })
          await page.goto(site.url + path)
          await enter(page, 'sonde_first')
          await page.locator(part).first().waitFor()
          return { path, part, page }
        }),
      )
      const [overview] = open
      await overview?.page.locator('.link-report').getByText('ago').waitFor()

      const next = await restartSite(t, site, withToken('sonde_second'))
      await fillAccount(next, 3)
      for (const { path, part, page } of open) {
        await page.getByText('That token is not known here.').waitFor()
        t.equal(page.url(), site.url + path)
        t.equal(await page.locator(part).count(), 0, 'nothing of the account is left on the page')
        t.equal(
          await page.locator('.link-state').count(),
          0,
          'and nothing is said of a connection that is not there',
        )
      }
      if (overview) await axe(t, overview.page, 'a token withdrawn')
      for (const { path, part, page } of open) {
        await enter(page, 'sonde_second')
        await page.locator(part).first().waitFor()
        await page.getByText('Live', { exact: true }).waitFor()
        await page.locator('.link-report').getByText('ago').waitFor()
        t.equal(page.url(), site.url + path)
      }
      t.equal(await overview?.page.getByRole('searchbox').inputValue(), 'billing')
      await overview?.page.getByRole('button', { name: 'Forget token' }).click()
      await overview?.page.getByLabel('Token').waitFor()
      t.equal(await overview?.page.locator('.link-state').count(), 0)
    },
  )

  await t.test('what a server no longer knows is gone from the page, and comes back by itself', async (t) => {
    const site = await startAccount(t, { settings }, 3)
    const places = [
      ['/', '[data-row]', 'No function has reported yet'],
      ['/functions/billing-worker', '.function-facts', 'There is no such function'],
      ['/map?function=billing-worker', '.map-node', 'No configuration to draw yet'],
      ['/trace?from=billing-worker&to=internet', '.trace-verdict', 'No configuration is known yet. Drop'],
    ] as const
    const open = await Promise.all(
      places.map(async ([path, part, gone]) => {
        const { page } = await openPage(t, browser, { expects: /40[49]|ERR_|Failed to load/ })
        await page.goto(site.url + path)
        await page.locator(part).first().waitFor()
        await page.getByText('Live', { exact: true }).waitFor()
        return { page, part, gone }
      }),
    )
    const next = await restartSite(t, site, { settings })
    for (const { page, gone } of open) {
      await page.getByText(gone).first().waitFor()
      await page.locator('.link-report').getByText('no report yet').waitFor()
    }
    await fillAccount(next, 3)
    for (const { page, part } of open.slice(0, 2)) await page.locator(part).first().waitFor()
  })

  await t.test('a request that is never answered is no answer, and is asked again', async (t) => {
    const site = await startAccount(t, { settings }, 3)
    const { page } = await openPage(t, browser)
    await page.clock.install()
    let held = 0
    await page.route(/\/v1\/incidents/, (route) => {
      held += 1
      return held === 1 ? undefined : route.continue()
    })
    await page.goto(`${site.url}/incidents`)
    await until(() => held === 1)
    await page.locator('.loading').waitFor({ state: 'attached' })
    await page.clock.runFor(29_000)
    t.equal(await page.getByRole('alert').count(), 0)
    await page.clock.runFor(2000)
    await page.getByRole('alert').getByText('No connection to Sonde').waitFor()
    await page.clock.runFor(4000)
    await page.locator('tbody tr').first().waitFor()
    t.equal(held, 2)
  })

  await t.test('what could not be read again is told to be of before', async (t) => {
    const site = await startAccount(t, { settings }, 3)
    const { page } = await openPage(t, browser, { expects: /status of (404|500)/ })
    const isBroken = { health: false, diagnosis: true }
    const answer = (status: number) => ({
      status,
      contentType: 'application/problem+json',
      body: JSON.stringify({ title: 'x', status, code: 'internal', requestId: 'req-17' }),
    })
    await page.route(/\/v1\/functions\/billing-worker$/, (route) =>
      isBroken.health ? route.fulfill(answer(500)) : route.continue(),
    )
    await page.route(/\/diagnosis$/, (route) =>
      isBroken.diagnosis ? route.fulfill(answer(404)) : route.continue(),
    )
    await page.goto(`${site.url}/functions/billing-worker`)
    await page.getByText('The cause could not be read.').waitFor()
    isBroken.diagnosis = false
    await page.getByRole('button', { name: 'Try again' }).click()
    await page.locator('.verdict').waitFor()
    await page.getByText('Live', { exact: true }).waitFor()
    isBroken.health = true
    site.bench.pass(60_000)
    await runProbes(site.bench, 1)
    await page.getByText('Partly out of date', { exact: true }).waitFor()
    t.ok(await page.locator('.function-facts').isVisible(), 'what was known stays')
    await axe(t, page, 'partly out of date')
    isBroken.health = false
    site.bench.pass(60_000)
    await runProbes(site.bench, 1)
    await page.getByText('Live', { exact: true }).waitFor()
  })

  await t.test(
    'over a slow line: nothing is done twice, nothing jumps, and another page can be gone to',
    async (t) => {
      let runs = 0
      let answer = (): void => undefined
      const runner: Runner = {
        run: async () => {
          runs += 1
          await new Promise<void>((done) => {
            answer = done
          })
          return []
        },
      }
      const site = await startAccount(t, { settings, runner }, 3)
      const { page } = await openPage(t, browser)
      await watchShifts(page)
      // Each answer in its own time, what is asked first not first.
      const delays = new Map([
        [/\/v1\/functions\/billing-worker$/, 100],
        [/\/diagnosis$/, 500],
        [/\/v1\/trace$/, 500],
        [/\/paths$/, 600],
        [/\/v1\/network\/vpcs/, 300],
      ])
      for (const [path, ms] of delays)
        await page.route(path, async (route) => {
          await new Promise((done) => setTimeout(done, ms))
          await route.continue().catch(() => undefined)
        })
      for (const [path, part] of [
        ['/functions/billing-worker', '.verdict'],
        ['/trace?from=billing-worker&to=internet', '.trace-verdict'],
        ['/map?function=billing-worker', '.map-cause'],
      ] as const) {
        await page.goto(site.url + path)
        await page.locator(part).first().waitFor()
        const moved = (await takeShifts(page)).filter(({ score }) => score > 0.0005)
        t.same(moved, [], `${path}: nothing moves while it loads`)
      }

      await page.goto(`${site.url}/functions/billing-worker`)
      await page.getByRole('button', { name: 'Run now' }).dblclick()
      await page.getByRole('button', { name: /^Running/ }).waitFor()
      t.ok(await page.getByRole('button', { name: /^Running/ }).isDisabled())
      answer()
      await page.getByRole('button', { name: 'Run now' }).waitFor()
      t.equal(runs, 1, 'pressed twice, run once')

      await page.getByRole('link', { name: 'Trace' }).click()
      await page.getByRole('link', { name: 'Map' }).click()
      await page.getByRole('link', { name: 'Overview' }).click()
      await page.locator('[data-row]').first().waitFor()
      t.equal(new URL(page.url()).pathname, '/')
      t.equal(await page.locator('.map-page, .trace-page').count(), 0)
    },
  )
})
