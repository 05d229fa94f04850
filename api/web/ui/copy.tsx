import { useEffect, useState } from 'preact/hooks'
import { useShared } from '../context.js'
import { Icon } from './icon.js'

const SHOWN_MS = 2000

/** Puts a text into the clipboard and says so, to screen readers too. `of` tells what is copied where several stand together. */
export function Copy({ text, of }: { readonly text: string; readonly of?: string }) {
  const shared = useShared()
  const [state, setState] = useState<'idle' | 'copied' | 'failed'>('idle')
  useEffect(() => {
    if (state === 'idle') return
    const timer = setTimeout(() => setState('idle'), SHOWN_MS)
    return () => clearTimeout(timer)
  }, [state])
  const copy = (): void => {
    // Browsers offer no clipboard on plain HTTP outside of loopback.
    if (navigator.clipboard === undefined) setState('failed')
    else
      navigator.clipboard.writeText(text).then(
        () => setState('copied'),
        () => setState('failed'),
      )
  }
  const said = state === 'idle' ? shared.copy : state === 'copied' ? shared.copied : shared.copyFailed
  return (
    <button
      type="button"
      class={`button button-small copy copy-${state}`}
      onClick={copy}
      aria-label={state === 'idle' && of !== undefined ? `${shared.copy}: ${of}` : said}
    >
      <Icon name={state === 'copied' ? 'check' : 'copy'} />
      <span aria-live="polite">{said}</span>
    </button>
  )
}

/** Code to be read and copied. */
export function CodeBlock({
  text,
  of,
  wrap = false,
}: {
  readonly text: string
  readonly of: string
  /** Commands may be broken anywhere; what is indented may not. */
  readonly wrap?: boolean
}) {
  return (
    <div class="code-block">
      <Copy text={text} of={of} />
      {/* What scrolls must be reachable by keyboard. */}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: see above */}
      <section class={`code-scroll ${wrap ? 'code-wrap' : ''}`} tabIndex={0} aria-label={of}>
        <pre>
          <code>{text}</code>
        </pre>
      </section>
    </div>
  )
}
