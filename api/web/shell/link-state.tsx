import { useState } from 'preact/hooks'
import { useConnection, useEvents, useIsBehind, useNow, useShared, useShell } from '../context.js'
import { useLoad, useReloadOn } from '../data/use-load.js'
import { StatusShape } from '../ui/status.js'
import { agoText } from '../ui/time.js'

interface Totals {
  readonly lastReportAt: string | null
}

/** Whether what is shown is live, and how old the newest report is: a quiet page is not a healthy one. */
export function LinkState() {
  const shared = useShared()
  const { client } = useShell()
  const now = useNow()
  const connection = useConnection()
  const [heard, setHeard] = useState<string | null>(null)
  const totals = useLoad('totals', (signal) => client.get<Totals>('/v1/totals', { signal }))
  useEvents((event) => {
    if (event.type === 'report') setHeard(lastAtOf(event.data))
    // Another store may have heard of less.
    else if (event.type === 'reset') setHeard(null)
  })
  useReloadOn(totals.reload, () => false)
  const newest = later(heard, totals.value?.lastReportAt ?? null)
  const { state, since } = connection
  const isThere = state === 'live' || state === 'polling'
  const isBehind = useIsBehind() && isThere
  const said = isBehind
    ? shared.behind
    : state === 'live'
      ? shared.live
      : state === 'polling'
        ? shared.polling
        : state === 'connecting'
          ? shared.connecting
          : shared.lost(agoText(shared, new Date(since).toISOString(), now))
  return (
    <div class={`link-state link-${state}`}>
      <span class="link-word" role="status">
        {isThere && !isBehind ? (
          <span class="pulse" aria-hidden="true" />
        ) : (
          <StatusShape shape={isBehind ? 'warn' : 'stale'} />
        )}
        {said}
      </span>
      <span class="link-report">
        {newest === null ? shared.noReport : shared.lastReport(agoText(shared, newest, now))}
      </span>
    </div>
  )
}

function lastAtOf(data: unknown): string | null {
  const named = typeof data === 'object' && data !== null && 'lastAt' in data ? data.lastAt : null
  return typeof named === 'string' ? named : null
}

function later(a: string | null, b: string | null): string | null {
  if (a === null || b === null) return a ?? b
  return a > b ? a : b
}
