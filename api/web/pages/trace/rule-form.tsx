import { useId, useState } from 'preact/hooks'
import type { Fields } from './changes.js'
import type { TraceWords } from './en.js'

export interface Field {
  readonly name: string
  readonly label: string
  readonly options?: readonly (readonly [value: string, label: string])[]
  readonly numeric?: boolean
  readonly required?: boolean
  readonly wide?: boolean
}

/** A rule in fields, under the table that it is of. */
export function RuleForm({
  words,
  fields,
  given,
  onApply,
  onCancel,
}: {
  readonly words: TraceWords['whatIf']
  readonly fields: readonly Field[]
  readonly given: Fields
  readonly onApply: (fields: Fields) => void
  readonly onCancel: () => void
}) {
  const base = useId()
  const [entered, setEntered] = useState(given)
  const set = (name: string, value: string): void => setEntered((before) => ({ ...before, [name]: value }))
  return (
    <form
      class="rule-form"
      onSubmit={(event) => {
        event.preventDefault()
        onApply(entered)
      }}
    >
      {fields.map(({ name, label, options, numeric = false, required = false, wide = false }) => (
        <div key={name} class={wide ? 'rule-wide' : ''}>
          <label class="field-label" for={`${base}-${name}`}>
            {label}
          </label>
          {options === undefined ? (
            <input
              class="input"
              id={`${base}-${name}`}
              value={entered[name] ?? ''}
              required={required}
              {...(numeric ? { inputMode: 'numeric' as const, pattern: '[0-9]{1,5}' } : {})}
              onInput={({ currentTarget }) => set(name, currentTarget.value)}
            />
          ) : (
            <select
              class="input"
              id={`${base}-${name}`}
              value={entered[name] ?? ''}
              onChange={({ currentTarget }) => set(name, currentTarget.value)}
            >
              {options.map(([value, text]) => (
                <option key={value} value={value}>
                  {text}
                </option>
              ))}
            </select>
          )}
        </div>
      ))}
      <span class="rule-acts">
        <button type="submit" class="button button-primary">
          {words.apply}
        </button>
        <button type="button" class="button" onClick={onCancel}>
          {words.cancel}
        </button>
      </span>
    </form>
  )
}
