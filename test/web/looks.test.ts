import t from 'tap'
import { axe, noBrowser, openPage, startBrowser } from './support/browser.js'
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
          }
          t.equal(grounds.size, 1, 'one ground for all pages')
          const [ground = ''] = grounds
          const [red = 0] = ground.match(/\d+/g)?.map(Number) ?? []
          t.equal(red < 128, theme === 'dark', `${theme}: ${ground}`)
        })
      }
    }
  }
})
