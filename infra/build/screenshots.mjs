import { mkdirSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build } from 'esbuild'

/**
 * `npm run screenshots`: pictures of the main pages for the READMEs, of the account that the dashboard's tests use (so that
 * the same is broken every time), in English and Korean, into .github/screenshots. Needs Chromium and `npm install --prefix .ci`.
 */
const root = join(dirname(fileURLToPath(import.meta.url)), '../..')
const out = join(root, '.github/screenshots')
const { chromium } = createRequire(join(root, '.ci/package.json'))('playwright-core')

const SHOTS = [
  { name: 'overview', path: '/', ready: '[data-row="0"]' },
  { name: 'function', path: '/functions/billing-worker', ready: '.hop-is-block' },
  { name: 'function-fix', path: '/functions/billing-worker', ready: '.hop-is-block', act: rehearse },
  { name: 'overview-dark', path: '/', ready: '[data-row="0"]', theme: 'dark' },
  { name: 'function-phone', path: '/functions/billing-worker', ready: '.hop-is-block', phone: true },
  { name: 'map', path: '/map', ready: 'svg', wait: 1500 },
]

async function rehearse(page) {
  await page.locator('.fix .button-primary').click()
  await page.locator('.compare').waitFor()
  await page.locator('.check').scrollIntoViewIfNeeded()
}

mkdirSync(out, { recursive: true })
// Inside the checkout, so that packages are found from there.
const cache = join(root, 'node_modules/.cache', `sonde-screenshots-${process.pid}`)
await build({
  entryPoints: [join(root, 'test/web/support/site.ts')],
  outfile: join(cache, 'site.mjs'),
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'esm',
  packages: 'external',
  logLevel: 'warning',
})
const ends = [() => rmSync(cache, { recursive: true, force: true })]
try {
  const { startAccount } = await import(pathToFileURL(join(cache, 'site.mjs')).href)
  const { url } = await startAccount({ teardown: (end) => ends.push(end) }, {}, 60)
  const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] })
  ends.push(() => browser.close())
  for (const locale of ['en-US', 'ko-KR']) {
    for (const shot of SHOTS) await take(browser, url, locale, shot)
  }
} finally {
  for (const end of ends.reverse()) await end()
}

async function take(
  browser,
  url,
  locale,
  { name, path, ready, act, theme = 'light', phone = false, wait = 400 },
) {
  const context = await browser.newContext({
    locale,
    timezoneId: locale === 'ko-KR' ? 'Asia/Seoul' : 'UTC',
    colorScheme: theme,
    reducedMotion: 'reduce',
    viewport: phone ? { width: 390, height: 844 } : { width: 1440, height: 900 },
    deviceScaleFactor: phone ? 2 : 1,
  })
  const page = await context.newPage()
  await page.goto(url + path)
  const found = await page
    .locator(ready)
    .first()
    .waitFor({ timeout: 90_000 })
    .then(
      () => true,
      () => false,
    )
  if (!found) throw new Error(`${name}: ${ready} did not come`)
  await act?.(page)
  await page.waitForTimeout(wait)
  const file = join(out, `${name}.${locale.slice(0, 2)}.png`)
  await page.screenshot({ path: file })
  await context.close()
  console.log(file.slice(root.length + 1))
}
