import type { Page } from 'playwright-core'
import t from 'tap'
import { labMissing } from '../lab/support.js'
import { serveSample } from '../sample/support/serve.js'
import { buildAll } from '../support/built.js'
import { axe, noBrowser, openPage, startBrowser } from './support/browser.js'

// The program as its user has it, with its sample: real probes every ten seconds, nothing reloaded by hand.

const skip = noBrowser()
/** A round of probes, the diagnosis of what they saw, on a loaded machine. */
const LIVE_MS = 120_000

t.setTimeout(600_000)
if (skip === false) await buildAll()

const row = (page: Page, name: string, status: string) =>
  page
    .locator('[data-row]')
    .filter({ has: page.getByRole('link', { name, exact: true }) })
    .filter({ hasText: status })
    .waitFor({ timeout: LIVE_MS })

const lab = skip === false ? labMissing() : skip
t.test('break something, watch, apply the fix, watch', { skip: lab ?? false }, async (t) => {
  const browser = await startBrowser(t)
  const server = await serveSample(t, 'lab')

  await t.test('by mouse, wide', async (t) => {
    const { page } = await openPage(t, browser)
    await page.goto(server.url)
    await page.getByText('a shop’s VPC as a live network').waitFor()
    await row(page, 'report-builder', 'Failing')
    await row(page, 'orders-api', 'Healthy')
    await page.getByRole('button', { name: 'Break something' }).click()
    const controls = page.getByRole('region', { name: 'What can be broken' })
    await controls.getByRole('button', { name: 'Break: A network ACL drops what comes back to NAT' }).click()
    const broken = controls
      .getByRole('listitem')
      .filter({ hasText: 'A network ACL drops what comes back to NAT' })
    await broken.getByText('Broken now').waitFor()
    await axe(t, page, 'the controls of the lab')
    await page.getByRole('button', { name: 'Break something' }).click()

    await row(page, 'orders-api', 'Failing')
    const causes = page.getByRole('region', { name: 'What is wrong now' })
    const cause = causes.getByRole('listitem').filter({ hasText: /network ACL/i })
    await cause.getByRole('link', { name: 'orders-api' }).click({ timeout: LIVE_MS })
    await page.waitForURL(/\/functions\/orders-api/)
    await page.getByText('Broken here').waitFor({ timeout: LIVE_MS })
    await page.getByRole('button', { name: 'Apply to the lab' }).click()
    await page.locator('.function-title').getByText('Healthy').waitFor({ timeout: LIVE_MS })
    t.equal(await page.getByText('Broken here').count(), 0, 'the path is whole again')

    await page.goto(server.url)
    await row(page, 'orders-api', 'Healthy')
    await page.getByRole('button', { name: 'Break something' }).click()
    await controls.getByText('1 fix applied').waitFor()
    await controls.getByRole('button', { name: 'Take back: The database does not admit' }).click()
    await controls.getByRole('button', { name: 'Break: The database does not admit' }).waitFor()
    await controls.getByRole('button', { name: 'Reset the lab' }).click()
    await controls.getByText('Break one, watch').waitFor()
    await controls.getByRole('button', { name: 'Take back: The database does not admit' }).waitFor()
  })

  await t.test('by keyboard, narrow, dark and in Korean', async (t) => {
    const { page } = await openPage(t, browser, { language: 'ko', theme: 'dark', width: 390 })
    await page.goto(server.url)
    await page.getByRole('button', { name: '고장 내 보기' }).press('Enter')
    const fault = page.getByRole('listitem').filter({ hasText: '서브넷 세 개 중 하나에 나가는 경로가 없음' })
    await fault.getByRole('button').press('Enter')
    await fault.getByText('고장 난 상태').waitFor()
    await axe(t, page, 'the controls of the lab, narrow')
    t.equal(await page.evaluate(() => document.documentElement.scrollWidth), 390)
    await fault.getByRole('button').press('Enter')
    await fault.getByText('영향').waitFor()
  })

  await t.test('what the lab refuses is told beside its buttons', async (t) => {
    const { page } = await openPage(t, browser, { expects: /404|409|500/ })
    await page.goto(server.url)
    await page.getByRole('button', { name: 'Break something' }).click()
    await page.getByRole('button', { name: 'Reset the lab' }).waitFor()
    await page.route('**/v1/sample/faults/**', (route) =>
      route.fulfill({
        status: 409,
        contentType: 'application/problem+json',
        body: JSON.stringify({ title: 'Conflict', status: 409, detail: 'the lab is being changed already' }),
      }),
    )
    await page.getByRole('button', { name: 'Break: DNS of the VPC is off' }).click()
    await page.getByRole('alert').getByText('the lab is being changed already').waitFor()
    t.ok(await page.getByRole('button', { name: 'Break: DNS of the VPC is off' }).isEnabled())
  })
})

t.test('a recording is marked as one on every page, and can not be broken', { skip }, async (t) => {
  const browser = await startBrowser(t)
  const server = await serveSample(t, 'recording')
  for (const [language, words] of [
    ['en', { marked: /a recording of the live lab, made .*2026/, about: 'About the recording' }],
    ['ko', { marked: /에 녹화한 실험실입니다/, about: '녹화본 안내' }],
  ] as const) {
    const { page } = await openPage(t, browser, { language, width: language === 'ko' ? 390 : 1440 })
    for (const path of [
      '/',
      '/functions/report-builder',
      '/map',
      '/trace',
      '/incidents',
      '/rejects',
      '/settings',
    ]) {
      await page.goto(`${server.url}${path}`)
      await page.getByRole('complementary').getByText(words.marked).waitFor()
    }
    await page.goto(`${server.url}/functions/report-builder`)
    await page.locator('.hop-is-block').first().waitFor({ timeout: LIVE_MS })
    t.equal(await page.getByRole('button', { name: /Apply to the lab|실험실에 적용/ }).count(), 0)
    await page.getByRole('button', { name: words.about }).click()
    await page.locator('#lab').getByText('--sample recording').waitFor()
    t.equal(await page.locator('#lab .fault').count(), 0)
    await axe(t, page, `a recording, ${language}`)
  }
})
