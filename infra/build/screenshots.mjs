import { spawn, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

/**
 * `npm run screenshots`: pictures of the main pages for the READMEs, of the sample's recording, in English and Korean, into
 * .github/screenshots. Needs Chromium and `npm install --prefix .ci`.
 */
const root = join(dirname(fileURLToPath(import.meta.url)), '../..')
const out = join(root, '.github/screenshots')
const { chromium } = createRequire(join(root, '.ci/package.json'))('playwright-core')

const SHOTS = [
  { name: 'overview', path: '/', ready: '[data-row="0"]' },
  { name: 'function', path: '/functions/report-builder', ready: '.hop-is-block' },
  { name: 'function-fix', path: '/functions/report-builder', ready: '.hop-is-block', act: rehearse },
  { name: 'overview-dark', path: '/', ready: '[data-row="0"]', theme: 'dark' },
  { name: 'function-phone', path: '/functions/report-builder', ready: '.hop-is-block', phone: true },
  { name: 'map', path: '/map', ready: 'svg', wait: 1500 },
]

async function rehearse(page) {
  await page.locator('.fix .button-primary').click()
  await page.locator('.compare').waitFor()
  await page.locator('.check').scrollIntoViewIfNeeded()
}

const { status } = spawnSync(process.execPath, [join(root, 'infra/build/build.mjs')], { stdio: 'inherit' })
if (status !== 0) process.exit(status ?? 1)
mkdirSync(out, { recursive: true })
const data = mkdtempSync(join(tmpdir(), 'sonde-screenshots-'))
const server = spawn(
  process.execPath,
  [join(root, 'dist/sonde.js'), 'serve', '--port', '0', '--data', data, '--sample', 'recording'],
  { stdio: ['ignore', 'pipe', 'inherit'] },
)
const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] })
try {
  const url = await listening()
  await reports(url)
  for (const locale of ['en-US', 'ko-KR']) {
    for (const shot of SHOTS) await take(url, locale, shot)
  }
} finally {
  await browser.close()
  server.kill()
  await new Promise((resolve) => server.once('exit', resolve))
  rmSync(data, { recursive: true, force: true })
}

/** The server says where it listens in its log. */
async function listening() {
  for await (const line of createInterface({ input: server.stdout })) {
    const { msg, url } = JSON.parse(line)
    if (msg === 'Sonde serves') return url
  }
  throw new Error('the server ended before it listened')
}

/** Enough reports that every function has a status and its charts have lines. */
async function reports(url) {
  for (let second = 0; second < 120; second += 1) {
    const { functions } = await (await fetch(`${url}/v1/totals`)).json()
    if (second >= 40 && functions.failing > 0 && functions.unknown === 0) return
    await new Promise((resolve) => setTimeout(resolve, 1000))
  }
  throw new Error('the sample has not reported what is expected of it')
}

async function take(url, locale, { name, path, ready, act, theme = 'light', phone = false, wait = 400 }) {
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
