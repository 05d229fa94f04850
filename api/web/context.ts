import { createContext } from 'preact'
import { useContext, useEffect, useState } from 'preact/hooks'
import type { Text } from '../network/path.js'
import type { Client } from './data/client.js'
import type { Clock } from './data/clock.js'
import type { Connection, EventStream, LiveEvent } from './data/events.js'
import type { Names } from './data/names.js'
import type { Troubles } from './data/troubles.js'
import { en, type Words } from './i18n/en.js'
import { ko } from './i18n/ko.js'
import type { Language } from './i18n/language.js'

export type Theme = 'system' | 'light' | 'dark'

/** What serves here: `GET /v1/about`. */
export interface About {
  readonly version: string
  readonly sample: { readonly kind: 'lab' | 'recording'; readonly recordedAt: string | null } | null
  /** Whether probes can be run on demand. */
  readonly runs: boolean
  /** Whether events come as a stream; where not, the page asks again now and then. */
  readonly streams: boolean
}

/** What every part of the page may need, made once in `main.tsx`. */
export interface Shell {
  readonly client: Client
  readonly events: EventStream
  readonly clock: Clock
  readonly about: About | null
  readonly names: Names
  readonly troubles: Troubles
  readonly language: Language
  readonly setLanguage: (language: Language) => void
  readonly theme: Theme
  readonly setTheme: (theme: Theme) => void
}

export const ShellContext = createContext<Shell | null>(null)

export function useShell(): Shell {
  const shell = useContext(ShellContext)
  if (shell === null) throw new Error('a part of the page is drawn outside of the shell')
  return shell
}

const SHARED = { en, ko }

/** The shared words in the viewer's language. */
export function useShared(): Words {
  return SHARED[useShell().language]
}

/** A page's own words in the viewer's language. */
export function useWords<W>(dictionaries: { readonly en: W; readonly ko: W }): W {
  return dictionaries[useShell().language]
}

/** Reads a sentence that the API gives in both languages, with the names of what it speaks of. */
export function useSay(): (text: Text) => string {
  const { language, names } = useShell()
  return (text) => names.tell(text[language])
}

/** Calls back for each live event while the part is shown. The listener of the newest drawing is called. */
export function useEvents(listener: (event: LiveEvent) => void): void {
  const { events } = useShell()
  const [box] = useState({ listener })
  box.listener = listener
  useEffect(() => events.listen((event) => box.listener(event)), [events, box])
}

export function useConnection(): Connection {
  const { events } = useShell()
  const [connection, setConnection] = useState(events.connection)
  useEffect(() => {
    setConnection(events.connection())
    return events.onConnection(() => setConnection(events.connection()))
  }, [events])
  return connection
}

/** Whether a part of the page shows what was so before: it could not be read again. */
export function useIsBehind(): boolean {
  const { troubles } = useShell()
  const [count, setCount] = useState(troubles.count)
  useEffect(() => {
    setCount(troubles.count())
    return troubles.onChange(() => setCount(troubles.count()))
  }, [troubles])
  return count > 0
}

/** Epoch milliseconds, anew each second. Only for small parts: whatever calls it is drawn each second. */
export function useNow(): number {
  const { clock } = useShell()
  const [now, setNow] = useState(clock.now)
  useEffect(() => clock.onTick(() => setNow(clock.now())), [clock])
  return now
}

/** Names the tab after what it shows. */
export function useTitle(title: string): void {
  useEffect(() => {
    document.title = `${title} · Sonde`
  }, [title])
}
