/**
 * The pages and their addresses, known to the server (which answers each with the same document) and to the browser.
 *
 * To add a page:
 * 1. Name it here. The server serves its address from then on, and links to it are followed without loading anew.
 * 2. Write `pages/<name>/index.tsx` with `export default function …(props: PageProps)`, and its words in
 *    `pages/<name>/en.ts` and `pages/<name>/ko.ts` (`export const ko: typeof en`), read with `useWords({ en, ko })`.
 * 3. Import it in `chunks.ts`: it becomes a chunk of its own, loaded when it is first visited.
 * 4. Put its rules in `styles/<name>.css` and import that in `style.css`; use the tokens of `styles/tokens.css`, never a
 *    colour or a size of its own. `style=` attributes in served HTML are refused by the Content-Security-Policy; Preact's
 *    `style={{ … }}` is set by script and allowed.
 * 5. Read data with `useLoad` (it keeps the last answer while reading again) and draw it with `<Loaded>`, which knows the
 *    empty, loading, failed, unauthorised and disconnected states; follow changes with `useEvents`.
 * 6. Put it into the navigation (`NAVIGATION`) if it is one of the main pages.
 */
export const PAGES = {
  overview: '/',
  function: '/functions/:name',
  map: '/map',
  trace: '/trace',
  incidents: '/incidents',
  rejects: '/rejects',
  settings: '/settings',
} as const

export type PageName = keyof typeof PAGES

/** What stands in the navigation, in order. */
export const NAVIGATION = [
  'overview',
  'map',
  'trace',
  'incidents',
  'rejects',
  'settings',
] as const satisfies readonly PageName[]

export interface Match {
  readonly page: PageName
  readonly params: Readonly<Record<string, string>>
}

/** What every page is given: the parts of its address, decoded. */
export interface PageProps {
  readonly params: Readonly<Record<string, string>>
}

const names = Object.keys(PAGES).filter((name): name is PageName => name in PAGES)

/** Which page an address's path is; null if none. */
export function matchPage(path: string): Match | null {
  for (const page of names) {
    const params = matchPattern(PAGES[page], path)
    if (params !== null) return { page, params }
  }
  return null
}

function matchPattern(pattern: string, path: string): Record<string, string> | null {
  const wanted = pattern.split('/')
  const given = path.split('/')
  if (wanted.length !== given.length) return null
  const params: Record<string, string> = {}
  for (const [index, part] of wanted.entries()) {
    const piece = given[index] ?? ''
    if (!part.startsWith(':')) {
      if (part !== piece) return null
      continue
    }
    const value = decoded(piece)
    if (value === null || value === '') return null
    params[part.slice(1)] = value
  }
  return params
}

function decoded(piece: string): string | null {
  try {
    return decodeURIComponent(piece)
  } catch {
    return null
  }
}

/** The address of a function's page. */
export function functionHref(name: string, query: Readonly<Record<string, string>> = {}): string {
  const search = new URLSearchParams(query).toString()
  return `/functions/${encodeURIComponent(name)}${search === '' ? '' : `?${search}`}`
}
