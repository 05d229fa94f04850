import { render } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import type { FunctionHealth, FunctionStatus } from '../health/health.js'
import { Causes } from './causes.js'
import {
  type About,
  type Cause,
  fetchAbout,
  fetchCauses,
  fetchFunction,
  fetchFunctions,
  follow,
  storeToken,
  Unauthorised,
} from './client.js'
import { Matrix } from './matrix.js'
import { type Language, preferredLanguage, words } from './text.js'

const STATUSES: readonly FunctionStatus[] = ['failing', 'degraded', 'stale', 'unknown', 'healthy']
const LANGUAGE_KEY = 'sonde-language'
/** Events come in bursts, one per function of a report: they are fetched together. */
const REFRESH_MS = 400
/** A report that changes no state still says that its probe lives. */
const REREAD_MS = 3000

type Load = 'loading' | 'ready' | 'error' | 'unauthorised'

function readFilter(): { status: FunctionStatus | null; text: string } {
  const query = new URLSearchParams(location.search)
  const status = query.get('status')
  return { status: STATUSES.find((known) => known === status) ?? null, text: query.get('q') ?? '' }
}

/** What needs a look stands first; names keep their order within. */
function bySeverity(items: readonly FunctionHealth[]): readonly FunctionHealth[] {
  return items.toSorted((a, b) => STATUSES.indexOf(a.status) - STATUSES.indexOf(b.status))
}

function App() {
  const [language, setLanguage] = useState<Language>(() =>
    preferredLanguage(localStorage.getItem(LANGUAGE_KEY), navigator.languages),
  )
  const [filter, setFilter] = useState(readFilter)
  const [items, setItems] = useState<readonly FunctionHealth[]>([])
  const [next, setNext] = useState<string | null>(null)
  const [load, setLoad] = useState<Load>('loading')
  const [live, setLive] = useState<boolean | null>(null)
  const [about, setAbout] = useState<About | null>(null)
  const [causes, setCauses] = useState<readonly Cause[]>([])
  const [now, setNow] = useState(() => Date.now())
  const [attempt, setAttempt] = useState(0)
  const [session, setSession] = useState(0)
  const shown = useRef<ReadonlySet<string>>(new Set())
  const w = words[language]

  useEffect(() => {
    document.documentElement.lang = language
    localStorage.setItem(LANGUAGE_KEY, language)
  }, [language])

  useEffect(() => {
    const query = new URLSearchParams()
    if (filter.status) query.set('status', filter.status)
    if (filter.text) query.set('q', filter.text)
    history.replaceState(null, '', query.size > 0 ? `?${query}` : location.pathname)
    const abort = new AbortController()
    fetchFunctions(filter, null, abort.signal).then(
      (page) => {
        setItems(page.items)
        setNext(page.nextCursor)
        setLoad('ready')
      },
      (error: unknown) => {
        if (!abort.signal.aborted) setLoad(error instanceof Unauthorised ? 'unauthorised' : 'error')
      },
    )
    fetchCauses(abort.signal).then(setCauses, () => undefined)
    return () => abort.abort()
  }, [filter, attempt, session])

  useEffect(() => {
    shown.current = new Set(items.map((item) => item.name))
  }, [items])

  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1000)
    return () => clearInterval(timer)
  }, [])

  useEffect(() => {
    const abort = new AbortController()
    fetchAbout(abort.signal).then(setAbout, () => undefined)
    const changed = new Set<string>()
    let timer: ReturnType<typeof setTimeout> | undefined
    let reread: ReturnType<typeof setTimeout> | undefined
    const refresh = (): void => {
      const names = [...changed]
      changed.clear()
      timer = undefined
      if (names.some((name) => !shown.current.has(name))) setAttempt((count) => count + 1)
      for (const name of names.filter((known) => shown.current.has(known))) {
        fetchFunction(name, abort.signal).then(
          (fresh) => fresh && setItems((all) => all.map((item) => (item.name === fresh.name ? fresh : item))),
          () => undefined,
        )
      }
    }
    void follow(
      (_type, name) => {
        if (name === null) {
          reread ??= setTimeout(() => {
            reread = undefined
            setAttempt((count) => count + 1)
          }, REREAD_MS)
          return
        }
        changed.add(name)
        timer ??= setTimeout(refresh, REFRESH_MS)
      },
      setLive,
      abort.signal,
    )
    return () => {
      abort.abort()
      clearTimeout(timer)
      clearTimeout(reread)
    }
  }, [session])

  const more = (): void => {
    if (next === null) return
    fetchFunctions(filter, next, new AbortController().signal).then(
      (page) => {
        setItems((all) => [...all, ...page.items])
        setNext(page.nextCursor)
      },
      () => setLoad('error'),
    )
  }

  return (
    <>
      <header>
        <a class="brand" href="/">
          <img src="/icon.svg" alt="" width="24" height="24" /> Sonde
        </a>
        <span class={`link ${live === false ? 'lost' : ''}`} role="status">
          {live === null ? '' : live ? w.live : w.reconnecting}
        </span>
        <nav>
          <a href="/docs">{w.docs}</a>
          <button
            type="button"
            lang={language === 'en' ? 'ko' : 'en'}
            onClick={() => setLanguage(language === 'en' ? 'ko' : 'en')}
          >
            {w.language}
          </button>
        </nav>
      </header>
      {about?.sample ? (
        <aside class="sample">
          <p>{w.sample}</p>
          <p>
            {w.connect} <code>sources.cloudwatch</code> <code>npm start -- --config sonde.yaml</code>
          </p>
        </aside>
      ) : null}
      <main>
        <Causes causes={causes} w={w} language={language} />
        <h1>{w.title}</h1>
        <form class="filter" onSubmit={(event) => event.preventDefault()}>
          <input
            type="search"
            aria-label={w.filter}
            placeholder={w.filter}
            value={filter.text}
            onInput={(event) => setFilter({ ...filter, text: event.currentTarget.value })}
          />
          <fieldset>
            <legend class="visually-hidden">{w.state}</legend>
            {[null, ...STATUSES].map((status) => (
              <button
                key={status ?? 'all'}
                type="button"
                aria-pressed={filter.status === status}
                onClick={() => setFilter({ ...filter, status })}
              >
                {status === null ? w.all : w[status]}
              </button>
            ))}
          </fieldset>
        </form>
        {load === 'unauthorised' ? <SignIn onToken={() => setSession((count) => count + 1)} w={w} /> : null}
        {load === 'error' ? (
          <p class="notice" role="alert">
            {w.error}
          </p>
        ) : null}
        {load === 'loading' ? <p class="notice">{w.loading}</p> : null}
        {load === 'ready' && items.length === 0 ? (
          <Nothing filtered={filter.status !== null || filter.text !== ''} w={w} />
        ) : null}
        {items.length > 0 ? <Matrix items={bySeverity(items)} w={w} now={now} /> : null}
        {next === null ? null : (
          <button type="button" class="more" onClick={more}>
            {w.more}
          </button>
        )}
      </main>
    </>
  )
}

function Nothing({ filtered, w }: { filtered: boolean; w: (typeof words)['en'] }) {
  return (
    <div class="notice">
      <p>{filtered ? w.noMatch : w.none}</p>
      {filtered ? null : <p>{w.noneHint}</p>}
    </div>
  )
}

function SignIn({ onToken, w }: { onToken: () => void; w: (typeof words)['en'] }) {
  const input = useRef<HTMLInputElement>(null)
  return (
    <form
      class="notice"
      onSubmit={(event) => {
        event.preventDefault()
        storeToken(input.current?.value ?? '')
        onToken()
      }}
    >
      <p>{w.unauthorised}</p>
      <label>
        {w.token} <input ref={input} type="password" autocomplete="off" required />
      </label>
      <button type="submit">{w.signIn}</button>
    </form>
  )
}

const root = document.getElementById('app')
if (root) render(<App />, root)
