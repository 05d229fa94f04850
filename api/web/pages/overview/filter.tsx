import { useEffect, useRef, useState } from 'preact/hooks'
import { useShared } from '../../context.js'
import { Icon } from '../../ui/icon.js'
import { StatusShape, shapeOf } from '../../ui/status.js'
import type { OverviewWords } from './en.js'
import type { Totals } from './index.js'
import { type RowFilter, STATUS_ORDER } from './rows.js'

/** Typing makes one request, not one a letter. */
const TYPING_MS = 200

/** Which functions are shown; all of it lives in the address. */
export function Filter({
  words,
  filter,
  totals,
  onChange,
}: {
  readonly words: OverviewWords
  readonly filter: RowFilter
  readonly totals: Totals | null
  readonly onChange: (change: Readonly<Record<string, string | null>>) => void
}) {
  const shared = useShared()
  const all = totals === null ? null : Object.values(totals.functions).reduce((sum, count) => sum + count, 0)
  return (
    <div class="functions-head">
      <h2 id="functions-title">
        {words.functions} <span class="count">{all ?? '–'}</span>
      </h2>
      <fieldset class="segments">
        <legend class="visually-hidden">{words.filter}</legend>
        <button
          type="button"
          aria-pressed={filter.status === null}
          onClick={() => onChange({ status: null })}
        >
          {words.all}
        </button>
        {STATUS_ORDER.map((status) => (
          <button
            key={status}
            type="button"
            aria-pressed={filter.status === status}
            onClick={() => onChange({ status: filter.status === status ? null : status })}
          >
            <StatusShape shape={shapeOf(status)} />
            <span class="segment-word">{shared.status[status]}</span>
            <span class="count">{totals?.functions[status] ?? '–'}</span>
          </button>
        ))}
      </fieldset>
      <Search words={words} text={filter.text} onText={(text) => onChange({ q: text })} />
    </div>
  )
}

function Search({
  words,
  text,
  onText,
}: {
  readonly words: OverviewWords
  readonly text: string
  readonly onText: (text: string) => void
}) {
  const [typed, setTyped] = useState(text)
  const told = useRef(text)
  useEffect(() => {
    // The address was changed by something else than typing: a link, going back, clearing.
    if (text === told.current) return
    told.current = text
    setTyped(text)
  }, [text])
  useEffect(() => {
    if (typed === told.current) return
    const timer = setTimeout(() => {
      told.current = typed
      onText(typed)
    }, TYPING_MS)
    return () => clearTimeout(timer)
  })
  return (
    <label class="search">
      <span class="visually-hidden">{words.search}</span>
      <Icon name="search" />
      <input
        class="input"
        type="search"
        placeholder={words.search}
        value={typed}
        maxLength={256}
        onInput={(event) => setTyped(event.currentTarget.value)}
      />
    </label>
  )
}
