import type { TargetedKeyboardEvent } from 'preact'
import { useEffect, useId, useRef, useState } from 'preact/hooks'

export interface Option {
  readonly value: string
  /** What it is, in a word or two. */
  readonly note: string | null
}

/** Typing makes one request, not one a letter. */
const TYPING_MS = 150

/**
 * A text field that suggests, after the ARIA combobox pattern: any text may be entered, arrows move through what fits, Enter
 * takes it, Escape closes. `suggest` is asked while the field is in use.
 */
export function Combobox({
  label,
  hideLabel = false,
  value,
  placeholder,
  invalid = null,
  onText,
  onTake,
  suggest,
}: {
  readonly label: string
  readonly hideLabel?: boolean
  readonly value: string
  readonly placeholder?: string
  readonly invalid?: string | null
  readonly onText: (text: string) => void
  /** Told when a suggestion is taken, or the text is entered as it is. */
  readonly onTake: (text: string) => void
  readonly suggest: (text: string, signal: AbortSignal) => Promise<readonly Option[]>
}) {
  const base = useId()
  const [open, setOpen] = useState(false)
  const [options, setOptions] = useState<readonly Option[]>([])
  const [at, setAt] = useState(-1)
  const newest = useRef(suggest)
  newest.current = suggest

  useEffect(() => {
    if (!open) return
    const abort = new AbortController()
    const timer = setTimeout(() => {
      newest.current(value, abort.signal).then(
        (found) => {
          if (abort.signal.aborted) return
          setOptions(found)
          setAt(-1)
        },
        // Suggestions are a help: without them the field works like every other.
        () => setOptions([]),
      )
    }, TYPING_MS)
    return () => {
      clearTimeout(timer)
      abort.abort()
    }
  }, [open, value])

  const take = (text: string): void => {
    setOpen(false)
    setAt(-1)
    onText(text)
    onTake(text)
  }
  const onKey = (event: TargetedKeyboardEvent<HTMLInputElement>): void => {
    if (event.isComposing) return
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      event.preventDefault()
      setOpen(true)
      const step = event.key === 'ArrowDown' ? 1 : -1
      if (options.length > 0)
        setAt((at + step + options.length + (at < 0 && step < 0 ? 1 : 0)) % options.length)
    } else if (event.key === 'Enter') {
      const chosen = open ? options[at] : undefined
      if (chosen !== undefined) event.preventDefault()
      take(chosen?.value ?? value)
    } else if (event.key === 'Escape' && open) {
      event.preventDefault()
      setOpen(false)
    }
  }
  const shown = open && options.length > 0
  const problem = `${base}-problem`
  return (
    <div class="combobox">
      <label class={hideLabel ? 'visually-hidden' : 'field-label'} for={base}>
        {label}
      </label>
      <input
        class="input"
        id={base}
        type="text"
        role="combobox"
        autocomplete="off"
        spellcheck={false}
        maxLength={512}
        aria-expanded={shown}
        aria-controls={`${base}-list`}
        aria-autocomplete="list"
        aria-activedescendant={shown && at >= 0 ? `${base}-${at}` : undefined}
        aria-invalid={invalid !== null}
        aria-describedby={invalid === null ? undefined : problem}
        placeholder={placeholder}
        value={value}
        onInput={(event) => {
          setOpen(true)
          onText(event.currentTarget.value)
        }}
        onFocus={() => setOpen(true)}
        onBlur={() => setOpen(false)}
        onKeyDown={onKey}
      />
      <div class="combobox-list" role="listbox" id={`${base}-list`} aria-label={label} hidden={!shown}>
        {options.map(({ value: text, note }, index) => (
          // biome-ignore lint/a11y/useFocusableInteractive: the field keeps the focus and points here, after the pattern
          // biome-ignore lint/a11y/useKeyWithClickEvents: keys are the field's
          <div
            key={text}
            id={`${base}-${index}`}
            role="option"
            aria-selected={index === at}
            class="combobox-option"
            // The field must not lose the focus before the click counts.
            onMouseDown={(event) => event.preventDefault()}
            onClick={() => take(text)}
          >
            <span class="truncate">{text}</span>
            {note === null ? null : <span class="count">{note}</span>}
          </div>
        ))}
      </div>
      {invalid === null ? null : (
        <p class="field-error" id={problem}>
          {invalid}
        </p>
      )}
    </div>
  )
}
