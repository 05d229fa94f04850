import type { Page } from 'playwright-core'
import { englishIn } from '../../support/prose.js'

/** What the test's account calls its things, the forms of selectors, and codes of one word. */
const NAMES: ReadonlySet<string> = new Set([
  ...['orders', 'billing', 'shop', 'nat', 'default', 'main', 'public', 'nobody'],
  ...['service', 'lb', 'ok'],
])

/**
 * English among what a viewer of the page reads or hears: its texts and the attributes that name things. What stands in `code`
 * or `pre` is the machine's, as are names, which are marked as such by the tests' own list.
 */
export async function englishOn(page: Page): Promise<readonly string[]> {
  const texts = await page.evaluate(() => {
    const found: string[] = []
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT)
    for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
      if (node instanceof Element) {
        for (const name of ['aria-label', 'title', 'placeholder', 'alt', 'data-title'])
          found.push(node.getAttribute(name) ?? '')
        continue
      }
      const skipped = node.parentElement?.closest('code, pre, script, style, [lang]:not(html)')
      if (skipped === null || skipped === undefined) found.push(node.textContent ?? '')
    }
    return [...new Set(found.map((text) => text.trim()))].filter((text) => text !== '')
  })
  return texts.flatMap((text) => {
    const words = englishIn(text, NAMES)
    return words.length === 0 ? [] : [`${words.join(' ')}: ${text}`]
  })
}
