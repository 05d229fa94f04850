import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core'
import type { Test } from 'tap'

const CHROMIUM = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']
const fromCi = createRequire(join(process.cwd(), '.ci/package.json'))

/** Why this machine can't have a browser, for tap's `skip`; false where it can. In CI that is no reason to skip. */
export function noBrowser(): string | false {
  const reason = missing()
  if (reason !== false && process.env['CI'] === 'true') throw new Error(reason)
  return reason
}

function missing(): string | false {
  if (!CHROMIUM.some((path) => existsSync(path))) return 'no Chromium is installed (apt-get install chromium)'
  try {
    fromCi.resolve('playwright-core')
    fromCi.resolve('axe-core')
    return false
  } catch {
    return 'playwright-core is not installed (npm install --prefix .ci)'
  }
}

/** One browser for the tests of a file; closed at its end. */
export async function startBrowser(t: Pick<Test, 'teardown'>): Promise<Browser> {
  const { chromium }: typeof import('playwright-core') = fromCi('playwright-core')
  const executablePath = CHROMIUM.find((path) => existsSync(path)) ?? ''
  const browser = await chromium.launch({
    executablePath,
    // Runs as root in CI's containers, where Chromium's sandbox can't; /dev/shm is small there.
    args: ['--no-sandbox', '--disable-dev-shm-usage', '--disable-gpu'],
  })
  t.teardown(() => browser.close())
  return browser
}

export interface PageOptions {
  readonly language?: 'en' | 'ko'
  readonly theme?: 'light' | 'dark'
  /** CSS pixels; default 1440. */
  readonly width?: number
  readonly height?: number
  readonly context?: BrowserContextOptions
  /** Console messages that this test provokes and expects. */
  readonly expects?: RegExp
}

export interface OpenPage {
  readonly page: Page
  readonly context: BrowserContext
}

/**
 * A page in a context of its own. What the console says of an error, an uncaught error, or a violation of the
 * Content-Security-Policy fails the test, unless the test `expects` it.
 */
export async function openPage(
  t: Pick<Test, 'teardown'>,
  browser: Browser,
  options: PageOptions = {},
): Promise<OpenPage> {
  const { language = 'en', theme = 'light', width = 1440, height = 900, expects } = options
  const context = await browser.newContext({
    locale: language === 'ko' ? 'ko-KR' : 'en-US',
    timezoneId: 'Asia/Seoul',
    colorScheme: theme,
    viewport: { width, height },
    reducedMotion: 'reduce',
    permissions: ['clipboard-read', 'clipboard-write'],
    ...options.context,
  })
  const page = await context.newPage()
  const faults: string[] = []
  const note = (text: string): void => {
    if (expects?.test(text) !== true) faults.push(text)
  }
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') note(message.text())
  })
  page.on('pageerror', (error) => note(String(error)))
  await page.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', (event) => {
      console.error(`Content-Security-Policy: ${event.violatedDirective} ${event.blockedURI}`)
    })
  })
  t.teardown(async () => {
    await context.close()
    // An assertion would come too late here; what is thrown fails the test just as well.
    if (faults.length > 0) throw new Error(`the page complained: ${faults.join('; ')}`)
  })
  return { page, context }
}

interface AxeViolation {
  readonly id: string
  readonly nodes: readonly { readonly html: string; readonly failureSummary?: string }[]
}

/** Asserts that axe finds nothing to blame on the page as it is now. */
export async function axe(t: Test, page: Page, name: string): Promise<void> {
  // Evaluated by the debugger, past the page's own policy, which forbids any script but its own.
  await page.evaluate(axeSource())
  const violations = await page.evaluate(async (): Promise<AxeViolation[]> => {
    const found = await (
      globalThis as unknown as { axe: { run: (what: Document) => Promise<{ violations: AxeViolation[] }> } }
    ).axe.run(document)
    return found.violations
  })
  t.same(
    violations.map(
      ({ id, nodes }) =>
        `${id}: ${nodes.map(({ html, failureSummary }) => `${html} ${failureSummary}`).join('\n')}`,
    ),
    [],
    `axe: ${name}`,
  )
}

function axeSource(): string {
  const { source }: { readonly source: string } = fromCi('axe-core')
  return source
}
