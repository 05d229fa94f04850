import { readFile } from 'node:fs/promises'
import t from 'tap'
import { report, result, takeIn } from '../support/api.js'
import { scenarioSnapshot } from '../support/snapshots.js'
import { runProbes } from './support/account.js'
import { axe, noBrowser, openPage, startBrowser } from './support/browser.js'
import { fiveVpcs, HOSTILE as HOSTILE_VPC } from './support/five-vpcs.js'
import { startAccount, startSite } from './support/site.js'

const skip = noBrowser()
const HOSTILE = '"><img src=x onerror=alert(1)>'

t.test('the map', { skip }, async (t) => {
  const browser = await startBrowser(t)
  const site = await startAccount(t)
  const bare = await startSite(t)

  await t.test('the map without a snapshot says what to do', async (t) => {
    const { page } = await openPage(t, browser, { expects: /409/ })
    await page.goto(`${bare.url}/map`)
    await page.getByText('No configuration to draw yet').waitFor()
    await axe(t, page, 'map without a snapshot')
  })

  await t.test('subnets, functions and the path of a chosen one, by keyboard alone', async (t) => {
    const { page } = await openPage(t, browser)
    await page.goto(`${site.url}/map`)
    await page
      .getByRole('button', { name: /^billing-worker \+1, Functions, 2 failing/ })
      .first()
      .waitFor()
    await axe(t, page, 'map')

    await page.getByRole('combobox', { name: 'Function' }).focus()
    await page.keyboard.type('billing')
    await page.getByRole('option', { name: /billing-worker/ }).waitFor()
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('Enter')
    await page.waitForURL(/function=billing-worker/)
    await page.locator('.map-stop-block').first().waitFor()
    const panel = page.locator('.map-panel')
    await panel.getByText(/lacks an inbound rule for tcp\/5432/).waitFor()
    t.ok((await page.locator('.map-leg').count()) > 0)
    await axe(t, page, 'map with a path')

    const transform = () => page.locator('svg.map').evaluate((one) => (one as SVGElement).style.transform)
    const canvas = page.locator('.map-canvas')
    await canvas.focus()
    const before = await transform()
    await page.keyboard.press('ArrowRight')
    const shifted = await transform()
    t.not(shifted, before, 'arrows move')
    await page.keyboard.press('+')
    t.not(await transform(), shifted, 'plus zooms')
    await page.keyboard.press('0')
    await page.keyboard.press('Enter')
    const focused = () => page.evaluate(() => document.activeElement?.getAttribute('aria-label') ?? '')
    t.match(await focused(), /^VPC shop/)
    await page.keyboard.press('ArrowDown')
    t.notMatch(await focused(), /^VPC shop/, 'arrows go from part to part')
    await page.keyboard.press('Enter')
    t.equal(await page.locator('[aria-pressed="true"].map-node').count(), 1)
    await page.keyboard.press('Escape')
    t.ok(await canvas.evaluate((one) => one === document.activeElement))
  })

  await t.test('by mouse and wheel, and saved as a drawing of its own', async (t) => {
    const { page } = await openPage(t, browser, { theme: 'dark', language: 'ko' })
    await page.goto(`${site.url}/map?function=orders-api`)
    await page.locator('.map-stop-block').first().waitFor()
    await axe(t, page, 'map, dark, Korean')
    const transform = () => page.locator('svg.map').evaluate((one) => (one as SVGElement).style.transform)
    const before = await transform()
    const box = await page.locator('.map-canvas').boundingBox()
    if (box === null) throw new Error('no canvas')
    await page.mouse.move(box.x + 30, box.y + 30)
    await page.mouse.down()
    await page.mouse.move(box.x + 130, box.y + 90, { steps: 5 })
    await page.mouse.up()
    const dragged = await transform()
    t.not(dragged, before)
    await page.mouse.wheel(0, -300)
    await page.waitForFunction(
      (was) => document.querySelector<SVGElement>('svg.map')?.style.transform !== was,
      dragged,
    )
    await page.getByRole('button', { name: /^private-a, 프라이빗/ }).click()
    await page.locator('.map-panel').getByText('rtb-00000000000000a11').waitFor()

    const [saved] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'SVG로 저장' }).click(),
    ])
    t.equal(saved.suggestedFilename(), 'sonde-map.svg')
    const text = await readFile(await saved.path(), 'utf8')
    const found = await page.evaluate((svg) => {
      const parsed = new DOMParser().parseFromString(svg, 'image/svg+xml')
      return {
        broken: parsed.querySelector('parsererror') !== null,
        texts: [...parsed.querySelectorAll('text')].map((one) => one.textContent),
        scripts: parsed.querySelectorAll('script, foreignObject, [class]').length,
        fills: new Set([...parsed.querySelectorAll('rect')].map((one) => one.getAttribute('fill'))).size,
      }
    }, text)
    t.notOk(found.broken)
    t.ok(found.texts.includes('private-a'))
    t.equal(found.scripts, 0)
    t.ok(found.fills > 2, 'it carries its colours')
  })

  await t.test('a narrow screen: touch, no sideways scrolling, all of it reachable', async (t) => {
    const { page } = await openPage(t, browser, { width: 390, height: 800, context: { hasTouch: true } })
    await page.goto(`${site.url}/map?function=report-export`)
    await page.locator('.map-stop-block').first().waitFor()
    t.equal(await page.evaluate(() => document.documentElement.scrollWidth), 390)
    const seen = await page.locator('.map-stop-block').first().boundingBox()
    t.ok(seen && seen.x > 0 && seen.x < 390, 'what is broken is in sight')
    await page.locator('.map-panel').getByText('NO_ROUTE_TO_DESTINATION').waitFor()
    await axe(t, page, 'map, narrow')
  })

  await t.test('two fingers zoom at what is between them, one finger moves', async (t) => {
    const { page, context } = await openPage(t, browser, {
      width: 390,
      height: 800,
      context: { hasTouch: true, isMobile: true },
    })
    await page.goto(`${site.url}/map`)
    await page.locator('.map-node').first().waitFor()
    const view = async () => {
      const transform = await page
        .locator('svg.map')
        .evaluate((one) => new DOMMatrix(getComputedStyle(one).transform).toJSON())
      return { x: Number(transform['e']), y: Number(transform['f']), scale: Number(transform['a']) }
    }
    const box = await page.locator('.map-canvas').boundingBox()
    if (box === null) throw new Error('no canvas')
    const middle = { x: box.x + box.width / 2, y: box.y + 150 }
    const client = await context.newCDPSession(page)
    const touch = (
      type: 'touchStart' | 'touchMove' | 'touchEnd',
      ...points: readonly { readonly x: number; readonly y: number }[]
    ) =>
      client.send('Input.dispatchTouchEvent', {
        type,
        touchPoints: points.map(({ x, y }, id) => ({ x, y, id })),
      })
    const spread = (by: number) => [
      { x: middle.x - by, y: middle.y },
      { x: middle.x + by, y: middle.y },
    ]
    const before = await view()
    await touch('touchStart', ...spread(40))
    for (const by of [50, 60, 70, 80]) await touch('touchMove', ...spread(by))
    await touch('touchEnd')
    const zoomed = await view()
    t.ok(Math.abs(zoomed.scale / before.scale - 2) < 0.3, `from ${before.scale} to ${zoomed.scale}`)
    const under = (one: typeof before) => (middle.x - box.x - one.x) / one.scale
    t.ok(Math.abs(under(zoomed) - under(before)) < 20, 'what was between the fingers stays there')
    await touch('touchStart', middle)
    for (const by of [10, 25, 40]) await touch('touchMove', { x: middle.x + by, y: middle.y + by })
    await touch('touchEnd')
    const moved = await view()
    t.equal(moved.scale, zoomed.scale)
    t.ok(moved.x > zoomed.x + 20 && moved.y > zoomed.y + 20, 'it goes with the finger')
    t.equal(await page.evaluate(() => scrollY), 0, 'and the page stays')
  })

  await t.test('what a map of many VPCs and failures leaves out is said', async (t) => {
    const many = await startSite(t)
    const snapshot = await scenarioSnapshot('S3')
    const documents = snapshot.documents.map((document) => {
      if (document.call !== 'describe-vpcs') return document
      const { Vpcs }: { Vpcs: { VpcId: string; Tags?: unknown }[] } = JSON.parse(
        JSON.stringify(document.body),
      )
      const more = Array.from({ length: 8 }, (_, index) => ({
        ...Vpcs[0],
        VpcId: `vpc-0000000000000f00${index}`,
        Tags: [{ Key: 'Name', Value: `other-${index}` }],
      }))
      return { ...document, body: { Vpcs: [...Vpcs, ...more] } }
    })
    await many.bench.network.add({ ...snapshot, documents }, many.bench.now())
    const workloads = Array.from({ length: 230 }, (_, index) => `fn-${index}`)
    for (const run of [2, 1, 0])
      await takeIn(
        many.bench,
        report({
          run: `r${run}`,
          at: new Date(many.bench.now().getTime() - run * 60_000),
          workloads,
          results: [result('db', 'connect_timeout')],
        }),
      )
    const { page } = await openPage(t, browser)
    await page.goto(`${many.url}/map`)
    const panel = page.locator('.map-panel')
    await panel.getByText('8 VPCs are drawn closed: choose one to open it.').waitFor()
    await panel.getByText('Only 200 failing functions are marked; there are more.').waitFor()
    await axe(t, page, 'many VPCs')
    for (let index = 0; index < 6; index += 1) {
      await page.getByRole('button', { name: `VPC other-${index}` }).press('Enter')
      await panel.getByRole('button', { name: 'Open', exact: true }).click()
      await page.getByRole('button', { name: new RegExp(`^VPC other-${index}.*opened`) }).waitFor()
    }
    await panel.getByText('6 are open, the most at once').waitFor()
    t.equal(await page.getByRole('button', { name: /^VPC .*opened/ }).count(), 6)
    await panel.getByRole('link', { name: 'All of them in the overview' }).click()
    await page.waitForURL(/\?status=failing/)
    await page.locator('[data-row]').first().waitFor()
  })

  await t.test('five VPCs can be read, and saved as a file that needs nothing else', async (t) => {
    const many = await startSite(t)
    await many.bench.network.add(fiveVpcs(), many.bench.now())
    for (const [language, theme, width] of [
      ['ko', 'dark', 1440],
      ['en', 'light', 390],
    ] as const) {
      const { page, context } = await openPage(t, browser, { language, theme, width, expects: /404/ })
      const ids = 'abcde'.split('').map((digit) => `vpc-000000000000000${digit}1`)
      await page.goto(`${many.url}/map?function=orders-api&open=${ids.join('+')}`)
      await page.getByText('db-e').waitFor()
      await page.locator('.map-leg').first().waitFor()
      const stickingOut = await page.locator('svg.map').evaluate((drawing) =>
        [...drawing.querySelectorAll('.map-node')].flatMap((node) => {
          const frame = node.querySelector('.map-frame')?.getBoundingClientRect()
          return [...node.querySelectorAll('text')]
            .filter((text) => (frame?.right ?? 0) < text.getBoundingClientRect().right)
            .map((text) => text.textContent)
        }),
      )
      t.same(stickingOut, [], `every name within its frame, ${language}`)
      t.ok(
        await page.locator('.map-canvas').evaluate((canvas) => {
          const bounds = canvas.getBoundingClientRect()
          const start = canvas.querySelector('.map-passed.map-chip-standpoint')?.getBoundingClientRect()
          return start !== undefined && start.left >= bounds.left && start.right <= bounds.right
        }),
        'the function whose path is asked for is in sight',
      )
      const [saved] = await Promise.all([
        page.waitForEvent('download'),
        page.getByRole('button', { name: language === 'ko' ? 'SVG로 저장' : 'Save as SVG' }).click(),
      ])
      const file = await context.newPage()
      // Under the other theme: the file has its own.
      await file.emulateMedia({ colorScheme: theme === 'dark' ? 'light' : 'dark' })
      const asked: string[] = []
      file.on('request', (request) => asked.push(request.url()))
      const text = await readFile(await saved.path(), 'utf8')
      await file.route('**/saved.svg', (route) => route.fulfill({ contentType: 'image/svg+xml', body: text }))
      await file.goto(`${many.url}/saved.svg`)
      const found = await file.evaluate(() => ({
        root: document.documentElement.tagName,
        broken: document.querySelector('parsererror')?.textContent ?? null,
        texts: [...document.querySelectorAll('text')].map((one) => one.textContent),
        fonts: new Set([...document.querySelectorAll('text')].map((one) => getComputedStyle(one).fontFamily))
          .size,
        ground: getComputedStyle(document.querySelector('svg > rect') ?? document.documentElement).fill,
      }))
      t.equal(found.root, 'svg')
      t.equal(found.broken, null, 'well-formed')
      t.ok(
        found.texts.includes(`VPC ${HOSTILE_VPC.replace('\u0001', '\ufffd')}`),
        'a letter that XML has no place for is told as one that cannot be shown',
      )
      t.equal(found.fonts, 1)
      t.equal(found.ground, theme === 'dark' ? 'rgb(14, 17, 20)' : 'rgb(246, 247, 249)')
      t.same(asked, [`${many.url}/saved.svg`], 'nothing else is asked for')
      t.notMatch(text, /\bhref|url\(|<script|color\(|var\(/)
    }
  })

  await t.test('news of a path do not move a map that its viewer has moved', async (t) => {
    const { page } = await openPage(t, browser, { width: 390, height: 800 })
    await page.goto(`${site.url}/map?function=orders-api&path=internet+subnet-00000000000000c11`)
    await page.locator('.map-stop-block').first().waitFor()
    const transform = () => page.locator('svg.map').evaluate((one) => (one as SVGElement).style.transform)
    await page.locator('.map-canvas').focus()
    for (const key of ['+', 'ArrowRight', 'ArrowDown']) await page.keyboard.press(key)
    const moved = await transform()
    // Another way than the one that was drawn: what there is to look at is elsewhere.
    const healed = { ...(await scenarioSnapshot('S5')), takenAt: null }
    await site.bench.network.add(healed, new Date(site.bench.now().getTime() + 1000))
    for (let run = 0; run < 2; run += 1) {
      site.bench.pass(60_000)
      await runProbes(site.bench, 1, true)
    }
    await page.locator('.map-stop-block').waitFor({ state: 'detached' })
    t.equal(await transform(), moved)
  })

  await t.test(
    'hostile names in a snapshot stay text, and VPCs that are joined open together',
    { skip },
    async (t) => {
      const snapshot = await scenarioSnapshot('N5')
      const text = JSON.stringify(snapshot.documents).replaceAll('private-a', HOSTILE.replaceAll('"', '\\"'))
      await bare.bench.network.add({ ...snapshot, documents: JSON.parse(text) }, bare.bench.now())
      const { page } = await openPage(t, browser, { expects: /404/ })
      await page.goto(`${bare.url}/map`)
      await page
        .getByRole('button', { name: /^VPC .*opened/ })
        .first()
        .waitFor()
      t.ok((await page.locator('svg.map').innerHTML()).includes('&lt;img'))
      t.equal(await page.locator('img[src="x"]').count(), 0)
      const closed = page.getByRole('button', { name: /^VPC .*closed/ })
      t.equal(await closed.count(), 1)
      await closed.first().click()
      await page.locator('.map-panel').getByRole('button', { name: 'Open', exact: true }).click()
      await page
        .getByRole('button', { name: /^VPC .*opened/ })
        .nth(1)
        .waitFor()
      await axe(t, page, 'two VPCs')
    },
  )
})
