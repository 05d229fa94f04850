import type { ComponentType } from 'preact'
import type { PageName, PageProps } from './pages.js'
import { lazy } from './shell/lazy.js'

/** Each page is a chunk of its own; null where there is none yet. */
export const CHUNKS: Readonly<Record<PageName, ComponentType<PageProps> | null>> = {
  overview: lazy(() => import('./pages/overview/index.js')),
  function: lazy(() => import('./pages/function/index.js')),
  map: lazy(() => import('./pages/map/index.js')),
  trace: lazy(() => import('./pages/trace/index.js')),
  incidents: lazy(() => import('./pages/incidents/index.js')),
  rejects: lazy(() => import('./pages/rejects/index.js')),
  settings: lazy(() => import('./pages/settings/index.js')),
}
