import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import type { Browser } from 'playwright-core'

/** Debian's own; playwright downloads nothing. */
const CHROMIUM = '/usr/bin/chromium'
const TOOLS = join(process.cwd(), '.ci/node_modules')

/** Why no browser can be started here, or false. */
export const noBrowser: string | false = !existsSync(CHROMIUM)
  ? `no ${CHROMIUM}`
  : existsSync(join(TOOLS, 'playwright-core'))
    ? false
    : 'playwright-core is not installed (npm install --prefix .ci)'

/** A real browser. Without its sandbox: tests run as root, and load only pages of their own. */
export async function launchBrowser(): Promise<Browser> {
  // Installed apart from what a user installs, so found by path and only when a test runs.
  const playwright: typeof import('playwright-core') = createRequire(join(TOOLS, 'tests.js'))(
    'playwright-core',
  )
  return playwright.chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] })
}
