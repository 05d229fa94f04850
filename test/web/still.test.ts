import type { Browser, Page } from 'playwright-core'
import t, { type Test } from 'tap'
import { runProbes } from './support/account.js'
import { axe, noBrowser, openPage, startBrowser } from './support/browser.js'
import { takeShifts, watchShifts } from './support/shifts.js'
import { type Site, startAccount } from './support/site.js'

// What live updates change, changes where it stands: nothing else moves, at any width.

const skip = noBrowser()
/** A text that grows by a figure is told as a move of itself; a row, a card or a section that moves is a hundred times that. */
const STILL = 0.0005
const WIDTHS = [1440, 900, 390] as const

/** Two runs a minute apart: enough for a state to change. */
async function turn(site: Site, healed: Parameters<typeof runProbes>[2]): Promise<void> {
  for (let run = 0; run < 2; run += 1) {
    site.bench.pass(60_000)
    await runProbes(site.bench, 1, healed)
  }
}

interface Watched {
  readonly width: number
  readonly page: Page
}

/** One page at each width, side by side before the same live server. */
async function openAll(t: Test, browser: Browser, url: string): Promise<readonly Watched[]> {
  return Promise.all(
    WIDTHS.map(async (width) => {
      const { page } = await openPage(t, browser, { width })
      await watchShifts(page)
      await page.goto(url)
      return { width, page }
    }),
  )
}

async function each(watched: readonly Watched[], act: (page: Page, width: number) => Promise<unknown>) {
  await Promise.all(watched.map(({ page, width }) => act(page, width)))
}

/** What moves within half a second of a click is the viewer's own doing. */
async function forget(watched: readonly Watched[]): Promise<void> {
  await new Promise((done) => setTimeout(done, 600))
  await each(watched, takeShifts)
}

async function still(t: Test, watched: readonly Watched[], what: string): Promise<void> {
  await each(watched, async (page, width) => {
    const shifts = await takeShifts(page)
    const moved = shifts
      .filter(({ score }) => score > STILL)
      .flatMap(({ score, moved }) => [`${score}`, ...moved])
    t.same(moved, [], `${what}: nothing moves at ${width} px`)
  })
}

t.test('causes come and go, and the overview stays where it is', { skip }, async (t) => {
  const browser = await startBrowser(t)
  const site = await startAccount(t)
  const all = await openAll(t, browser, site.url)
  const causes = (page: Page) => page.getByRole('region', { name: 'What is wrong now' })
  const row = (page: Page) => page.locator('[data-row]').filter({ hasText: 'report-export' })
  await each(all, async (page) => {
    await causes(page).getByRole('listitem').nth(1).waitFor()
    await row(page).getByText('Failing').waitFor()
  })
  await each(all, takeShifts)

  await turn(site, 'internet')
  await each(all, async (page) => {
    await causes(page).getByText('Over', { exact: true }).waitFor()
    await row(page).getByText('Healthy').waitFor()
  })
  await still(t, all, 'one of two causes is over')
  await each(all, async (page, width) => {
    t.equal(await causes(page).getByRole('listitem').count(), 2, 'and stands where it stood')
    await axe(t, page, `a cause that is over, ${width} px`)
    await causes(page).getByRole('button', { name: 'Sort anew' }).click()
    await causes(page).getByText('Over', { exact: true }).waitFor({ state: 'detached' })
    t.equal(await causes(page).getByRole('listitem').count(), 1)
    t.equal(await causes(page).getByRole('button', { name: 'Sort anew' }).count(), 0)
  })
  await forget(all)

  await turn(site, true)
  await each(all, (page) => page.getByText('Nothing is wrong').waitFor())
  await still(t, all, 'the last cause has gone')

  await turn(site, false)
  await each(all, async (page) => {
    await causes(page).getByRole('listitem').nth(1).waitFor()
    await row(page).getByText('Failing').waitFor()
  })
  await still(t, all, 'causes have come')
})

t.test('a page that nobody touches puts itself in order', { skip }, async (t) => {
  const site = await startAccount(t)
  const browser = await startBrowser(t)
  const { page } = await openPage(t, browser)
  await page.clock.install()
  await page.goto(site.url)
  const causes = page.getByRole('region', { name: 'What is wrong now' })
  const over = causes.getByText('Over', { exact: true })
  const moved = page.getByText(/functions? came, went or changed/)
  await causes.getByRole('listitem').nth(1).waitFor()
  await turn(site, 'internet')
  await over.waitFor()
  await moved.waitFor()
  await page.mouse.move(400, 400)
  await page.clock.runFor(50_000)
  t.equal(await over.count(), 1, 'somebody is there')
  await page.clock.runFor(20_000)
  await over.waitFor({ state: 'detached' })
  t.equal(await causes.getByRole('listitem').count(), 1)
  await moved.waitFor({ state: 'detached' })
})

t.test('a check turns well and bad, and the page of its function stays where it is', { skip }, async (t) => {
  const browser = await startBrowser(t)
  const site = await startAccount(t)
  const all = await openAll(t, browser, `${site.url}/functions/orders-api?check=internet`)
  await each(all, (page) => page.getByText('Broken here').waitFor())
  // What is said of the path above its picture, in view.
  await each(all, (page) => page.locator('.verdict').evaluate((one) => one.scrollIntoView()))
  await each(all, takeShifts)
  for (const [healed, status, verdict] of [
    [true, 'Healthy', 'Packet and snapshot disagree'],
    [false, 'Degraded', 'Proven'],
  ] as const) {
    await turn(site, healed)
    await each(all, async (page) => {
      await page.locator('.function-title').getByText(status).waitFor()
      await page.locator('.verdict').getByText(verdict, { exact: true }).waitFor()
    })
    await still(t, all, status)
  }
})

t.test('incidents: what has begun and what has ended is told, and shown when asked', { skip }, async (t) => {
  const browser = await startBrowser(t)
  const site = await startAccount(t)
  const all = await openAll(t, browser, `${site.url}/incidents?state=open`)
  const rows = (page: Page) => page.locator('tbody tr')
  await each(all, (page) => rows(page).nth(5).waitFor())
  await each(all, takeShifts)

  await turn(site, 'internet')
  await each(all, (page) => page.getByText(/^2 no longer belong here/).waitFor())
  await still(t, all, 'some are closed')
  await turn(site, false)
  await each(all, (page) => page.getByText(/^2 newer, 2 no longer belong here/).waitFor())
  await still(t, all, 'others have begun')
  await each(all, async (page, width) => {
    t.equal(await rows(page).count(), 6)
    await axe(t, page, `news of a list, ${width} px`)
    const first = await rows(page).first().textContent()
    await page.getByRole('button', { name: 'Show the list as it is now' }).click()
    await page.getByText(/newer/).waitFor({ state: 'detached' })
    t.not(await rows(page).first().textContent(), first)
  })
})

t.test('last results: what is opened stays open, and where it is', { skip }, async (t) => {
  const browser = await startBrowser(t)
  const site = await startAccount(t)
  const all = await openAll(t, browser, `${site.url}/functions/cart-api?check=internet&view=results`)
  const rows = (page: Page) => page.locator('tbody tr')
  await each(all, (page) => rows(page).nth(9).waitFor())
  await each(all, (page) => rows(page).nth(1).getByText('Raw').last().click())
  await forget(all)
  await turn(site, true)
  await each(all, (page) => page.getByText(/^4 newer/).waitFor())
  await still(t, all, 'new results')
  await each(all, async (page) => {
    t.ok((await rows(page).nth(1).locator('details').getAttribute('open')) !== null)
    const first = await rows(page).first().textContent()
    await page.getByRole('button', { name: 'Show the list as it is now' }).click()
    await page.getByText(/newer/).waitFor({ state: 'detached' })
    t.not(await rows(page).first().textContent(), first)
  })
})
