import { createContext } from 'preact'
import { useContext, useEffect, useState } from 'preact/hooks'
import { matchPage } from './pages.js'

export interface Place {
  readonly path: string
  readonly query: URLSearchParams
}

/** The address bar as a value that can be followed. */
export interface Router {
  readonly place: () => Place
  /** Goes to an address of this site; `replace` leaves no entry behind to go back to. */
  readonly go: (href: string, options?: { readonly replace?: boolean }) => void
  /** Calls back after every change; returns how to stop. */
  readonly onChange: (listener: () => void) => () => void
}

/** Follows the address bar, and turns clicks on links to pages of this site into visits without loading anew. */
export function createRouter(view: Window): Router {
  const listeners = new Set<() => void>()
  const read = (): Place => ({
    path: view.location.pathname,
    query: new URLSearchParams(view.location.search),
  })
  let place = read()
  const changed = (): void => {
    place = read()
    for (const listener of listeners) listener()
  }
  const go: Router['go'] = (href, { replace = false } = {}) => {
    if (replace) view.history.replaceState(view.history.state, '', href)
    else view.history.pushState(null, '', href)
    changed()
  }
  view.addEventListener('popstate', changed)
  view.document.addEventListener('click', (event) => {
    const href = hrefOfVisit(event, view.location.origin)
    if (href === null) return
    event.preventDefault()
    go(href)
    view.scrollTo(0, 0)
  })
  return {
    place: () => place,
    go,
    onChange: (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}

/** The address that a plain click on a link to a page asks for; null where the browser should do as it always does. */
function hrefOfVisit(event: MouseEvent, origin: string): string | null {
  if (event.defaultPrevented || event.button !== 0) return null
  if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return null
  const link = event.target instanceof Element ? event.target.closest('a') : null
  if (link === null || link.target !== '' || link.hasAttribute('download')) return null
  const url = new URL(link.href, origin)
  if (url.origin !== origin || url.hash !== '' || matchPage(url.pathname) === null) return null
  return url.pathname + url.search
}

export const RouterContext = createContext<Router | null>(null)

export function useRouter(): Router {
  const router = useContext(RouterContext)
  if (router === null) throw new Error('a page is drawn outside of its router')
  return router
}

/** Where the viewer is; draws anew when that changes. */
export function usePlace(): Place {
  const router = useRouter()
  const [place, setPlace] = useState(router.place)
  useEffect(() => {
    setPlace(router.place())
    return router.onChange(() => setPlace(router.place()))
  }, [router])
  return place
}

/**
 * Parts of a page's state that live in its address, so that a link shares them. An empty value leaves the address;
 * by default no entry of the history is made.
 */
export function useQuery(): [
  URLSearchParams,
  (change: Readonly<Record<string, string | null>>, options?: { readonly push?: boolean }) => void,
] {
  const router = useRouter()
  const { query } = usePlace()
  const set = (
    change: Readonly<Record<string, string | null>>,
    { push = false }: { readonly push?: boolean } = {},
  ): void => {
    const { path, query: present } = router.place()
    const next = new URLSearchParams(present)
    for (const [key, value] of Object.entries(change)) {
      if (value === null || value === '') next.delete(key)
      else next.set(key, value)
    }
    router.go(next.size > 0 ? `${path}?${next}` : path, { replace: !push })
  }
  return [query, set]
}
