import type { ComponentChildren } from 'preact'
import { CHUNKS } from '../chunks.js'
import { type Theme, useShared, useShell } from '../context.js'
import { matchPage, NAVIGATION, PAGES } from '../pages.js'
import { usePlace } from '../router.js'
import { Icon, type IconName } from '../ui/icon.js'
import { offsetText, zoneText } from '../ui/time.js'
import { Banner } from './banner.js'
import { LinkState } from './link-state.js'

const NEXT_THEME: Readonly<Record<Theme, Theme>> = { system: 'light', light: 'dark', dark: 'system' }
const THEME_ICON: Readonly<Record<Theme, IconName>> = { system: 'system', light: 'sun', dark: 'moon' }

/** The frame around every page: navigation, the state of the connection, the zone of all times, language and theme. */
export function Layout({
  children,
  session,
  onSignOut,
}: {
  readonly children: ComponentChildren
  /** Which of the tab's sessions it is; null while a token is asked for: nothing is followed then. */
  readonly session: number | null
  readonly onSignOut: (() => void) | null
}) {
  const shared = useShared()
  const { path } = usePlace()
  const here = matchPage(path)?.page
  const current = here === 'function' ? 'overview' : here
  return (
    <>
      <a class="skip" href="#main">
        {shared.skip}
      </a>
      <header class="top">
        <a class="brand" href={PAGES.overview}>
          <img src="/icon.svg" alt="" width="20" height="20" />
          <span>Sonde</span>
        </a>
        <nav class="nav" aria-label={shared.navigation}>
          {NAVIGATION.filter((page) => CHUNKS[page] !== null).map((page) => (
            <a key={page} href={PAGES[page]} aria-current={page === current ? 'page' : undefined}>
              <Icon name={page} />
              <span>{shared.pages[page]}</span>
            </a>
          ))}
        </nav>
        <div class="top-end">
          {session === null ? null : <LinkState key={session} />}
          <Choices onSignOut={onSignOut} />
        </div>
      </header>
      <Banner />
      <main id="main" class="main" tabIndex={-1}>
        {children}
      </main>
    </>
  )
}

function Choices({ onSignOut }: { readonly onSignOut: (() => void) | null }) {
  const shared = useShared()
  const { language, setLanguage, theme, setTheme, clock } = useShell()
  const now = clock.now()
  return (
    <div class="choices">
      <span class="zone" title={shared.zone(zoneText(language, now))}>
        {offsetText(language, now)}
      </span>
      <button
        type="button"
        class="button button-quiet"
        lang={shared.switchLanguageTag}
        onClick={() => setLanguage(language === 'en' ? 'ko' : 'en')}
      >
        {shared.switchLanguage}
      </button>
      <button
        type="button"
        class="button button-quiet button-icon"
        aria-label={shared.themes[theme]}
        title={shared.themes[theme]}
        onClick={() => setTheme(NEXT_THEME[theme])}
      >
        <Icon name={THEME_ICON[theme]} />
      </button>
      {onSignOut === null ? null : (
        <button type="button" class="button button-quiet" onClick={onSignOut}>
          {shared.signIn.out}
        </button>
      )}
    </div>
  )
}
