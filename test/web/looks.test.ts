import t from 'tap'
import { axe, noBrowser, openPage, startBrowser } from './support/browser.js'
import { englishOn } from './support/language.js'
import { PAGES, startFull } from './support/pages.js'

const skip = noBrowser()

t.test('every page in both languages, both themes and two widths', { skip }, async (t) => {
  const site = await startFull(t)
  const browser = await startBrowser(t)
  for (const language of ['en', 'ko'] as const) {
    for (const theme of ['light', 'dark'] as const) {
      for (const width of [1440, 390]) {
        const look = `${language}, ${theme}, ${width} px`
        await t.test(look, async (t) => {
          const { page } = await openPage(t, browser, { language, theme, width })
          const grounds = new Set<string>()
          for (const { name, path, part } of PAGES) {
            await page.goto(site.url + path)
            await page.locator(part).first().waitFor()
            const seen = await page.evaluate(() => ({
              language: document.documentElement.lang,
              width: document.documentElement.scrollWidth,
              ground: getComputedStyle(document.documentElement).backgroundColor,
              text: document.body.textContent,
            }))
            t.equal(seen.language, language, name)
            t.ok(seen.width <= width, `${name}: nothing sticks out`)
            grounds.add(seen.ground)
            t.equal(
              /[가-힣]/.test(seen.text.replace('한국어', '')),
              language === 'ko',
              `${name}: all in one language`,
            )
            if (width === (theme === 'light' ? 1440 : 390)) await axe(t, page, `${name}: ${look}`)
            if (language === 'ko' && theme === 'light' && width === 1440)
              t.same(await englishOn(page), [], `${name}: Korean is Korean`)
          }
          t.equal(grounds.size, 1, 'one ground for all pages')
          const [ground = ''] = grounds
          const [red = 0] = ground.match(/\d+/g)?.map(Number) ?? []
          t.equal(red < 128, theme === 'dark', `${theme}: ${ground}`)
        })
      }
    }
  }

  await t.test('what is opened, chosen, asked and refused is Korean too', async (t) => {
    const { page } = await openPage(t, browser, { language: 'ko', expects: /404|400/ })
    const check = async (name: string) => t.same(await englishOn(page), [], name)
    await page.goto(site.url)
    await page.getByRole('button', { name: '조치 보기' }).first().click()
    await page.getByText('위험').first().waitFor()
    await check('a cause with its fix')
    for (const name of ['orders-api', 'billing-worker']) {
      await page.goto(`${site.url}/functions/${name}`)
      await page.locator('.inspector').waitFor()
      for (const hop of await page.locator('button.hop-body').all()) {
        await hop.click()
        await check(`a hop of ${name}`)
      }
    }
    for (const [view, part] of [
      ['latency&check=internet', '.graph-box canvas'],
      ['results', 'tbody tr'],
      ['incidents', 'tbody tr'],
    ] as const) {
      await page.goto(`${site.url}/functions/billing-worker?view=${view}`)
      await page.locator(part).first().waitFor()
      await check(`${view} of a check`)
    }
    await page.goto(`${site.url}/trace?from=billing-worker&to=rds:orders`)
    await page.locator('.trace-verdict').waitFor()
    await page
      .getByRole('button', { name: /^제거: 인바운드/ })
      .first()
      .click()
    await page.locator('.what-if-outcome .trace-verdict, .what-if-outcome table').first().waitFor()
    await check('what if')
    await page.goto(`${site.url}/map?function=billing-worker`)
    for (const node of ['igw-', 'nat', 'orders', 'private-a']) {
      await page
        .locator('.map-node', { hasText: node })
        .first()
        .click({ position: { x: 20, y: 10 } })
      await check(`${node} on the map`)
    }
    await page.goto(`${site.url}/trace?from=nobody&to=internet`)
    await page.getByText('스냅샷에 함수 nobody의 정보가 없습니다').waitFor()
    await check('a question that is refused')
    await page.goto(`${site.url}/functions/nobody`)
    await page.getByText('없는 함수입니다').waitFor()
    await check('a function that is gone')
  })
})
