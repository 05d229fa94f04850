import { useEffect, useMemo, useState } from 'preact/hooks'
import { CHUNKS } from './chunks.js'
import { type About, type Shell, ShellContext, type Theme } from './context.js'
import { createClient } from './data/client.js'
import type { Clock } from './data/clock.js'
import { createEventStream } from './data/events.js'
import { createNames } from './data/names.js'
import { createTroubles } from './data/troubles.js'
import { type Language, preferredLanguage } from './i18n/language.js'
import { matchPage } from './pages.js'
import { type Router, RouterContext, usePlace } from './router.js'
import { Layout } from './shell/layout.js'
import { NotFound } from './shell/not-found.js'
import { forgetToken, heldToken, holdToken, SignIn } from './shell/sign-in.js'

const LANGUAGE_KEY = 'sonde-language'
const THEME_KEY = 'sonde-theme'

/** The shell: what all pages share, and the page that the address names. */
export function App({ router, clock }: { readonly router: Router; readonly clock: Clock }) {
  const [language, setLanguage] = useState<Language>(() =>
    preferredLanguage(localStorage.getItem(LANGUAGE_KEY), document.documentElement.lang),
  )
  const [theme, setTheme] = useState<Theme>(storedTheme)
  const [about, setAbout] = useState<About | null>(null)
  const [locked, setLocked] = useState(false)
  // Another token is another viewer: whatever the last one has read is read anew.
  const [session, setSession] = useState(0)

  const names = useMemo(createNames, [])
  const troubles = useMemo(createTroubles, [])
  const client = useMemo(
    () =>
      createClient({
        fetch: (...args) => window.fetch(...args),
        token: heldToken,
        onUnauthorised: () => setLocked(true),
        onNames: names.learn,
      }),
    [names],
  )
  const events = useMemo(() => createEventStream(client, clock.now), [client, clock])

  useEffect(() => {
    document.documentElement.lang = language
  }, [language])

  useEffect(() => {
    if (theme === 'system') delete document.documentElement.dataset['theme']
    else document.documentElement.dataset['theme'] = theme
  }, [theme])

  // A new session reads anew.
  useEffect(() => {
    if (locked) return
    const abort = new AbortController()
    const learn = async (): Promise<About | null> => {
      const found = await client.get<About>('/v1/about', { signal: abort.signal }).catch(() => null)
      if (found !== null && !abort.signal.aborted) setAbout(found)
      return found
    }
    const begin = async (): Promise<void> => {
      const found = await learn()
      if (abort.signal.aborted) return
      if (found === null) {
        // What answers events answers this too.
        const stop = events.onConnection(() => {
          if (events.connection().state === 'live') void learn().then((late) => late !== null && stop())
        })
        abort.signal.addEventListener('abort', stop)
      }
      // Unknown: tried.
      await events.follow(abort.signal, found?.streams ?? true)
    }
    void begin()
    return () => abort.abort()
  }, [client, events, locked, session])

  const shell: Shell = {
    client,
    events,
    clock,
    about,
    names,
    troubles,
    language,
    setLanguage: (next) => {
      localStorage.setItem(LANGUAGE_KEY, next)
      setLanguage(next)
    },
    theme,
    setTheme: (next) => {
      localStorage.setItem(THEME_KEY, next)
      setTheme(next)
    },
  }
  const signIn = (token: string): void => {
    holdToken(token)
    setSession((count) => count + 1)
    setLocked(false)
  }
  const signOut = (): void => {
    forgetToken()
    setLocked(true)
  }
  return (
    <ShellContext.Provider value={shell}>
      <RouterContext.Provider value={router}>
        <Layout session={locked ? null : session} onSignOut={heldToken() === null || locked ? null : signOut}>
          {locked ? (
            <SignIn onToken={signIn} wasWrong={heldToken() !== null} />
          ) : (
            <CurrentPage key={session} />
          )}
        </Layout>
      </RouterContext.Provider>
    </ShellContext.Provider>
  )
}

function CurrentPage() {
  const { path } = usePlace()
  const match = matchPage(path)
  const Page = match === null ? null : CHUNKS[match.page]
  if (match === null || Page === null) return <NotFound />
  return <Page key={match.page} params={match.params} />
}

function storedTheme(): Theme {
  const stored = localStorage.getItem(THEME_KEY)
  return stored === 'light' || stored === 'dark' ? stored : 'system'
}
