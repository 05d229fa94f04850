import { useState } from 'preact/hooks'
import type { Cause } from './client.js'
import type { Language, Words } from './text.js'

const SHOWN_FUNCTIONS = 6

/** What is wrong, one entry a cause, with its fix where Sonde has rehearsed one. */
export function Causes({ causes, w, language }: { causes: readonly Cause[]; w: Words; language: Language }) {
  if (causes.length === 0) return null
  return (
    <section aria-labelledby="causes">
      <h2 id="causes">{w.causes}</h2>
      <ul class="causes">
        {causes.map((cause, index) => (
          <CauseItem
            key={`${cause.kind} ${cause.cause?.code} ${cause.cause?.component} ${cause.functions[0]}`}
            cause={cause}
            w={w}
            language={language}
            open={index === 0}
          />
        ))}
      </ul>
    </section>
  )
}

function CauseItem({
  cause,
  w,
  language,
  open,
}: {
  cause: Cause
  w: Words
  language: Language
  open: boolean
}) {
  const [fix] = cause.fixes
  const label = cause.kind === 'healthy' ? w.healthy : w[cause.kind]
  return (
    <li>
      <p>
        <span class="kind">{label}</span> {cause.summary[language]}
      </p>
      <p class="functions">
        {cause.functions.slice(0, SHOWN_FUNCTIONS).join(', ')}
        {cause.functions.length > SHOWN_FUNCTIONS ? ` +${cause.functions.length - SHOWN_FUNCTIONS}` : ''}
      </p>
      {fix ? (
        <details open={open}>
          <summary>
            {w.fix}: {fix.title[language]}
          </summary>
          <p>{w.rehearsed}</p>
          <pre>
            <code>{fix.cli}</code>
          </pre>
          <p>
            {w.risk}: {fix.risk[language]}
          </p>
          <Copy text={fix.cli} w={w} />
        </details>
      ) : null}
    </li>
  )
}

function Copy({ text, w }: { text: string; w: Words }) {
  const [done, setDone] = useState(false)
  return (
    <button type="button" onClick={() => navigator.clipboard.writeText(text).then(() => setDone(true))}>
      {done ? w.copied : w.copy}
    </button>
  )
}
