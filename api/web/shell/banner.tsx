import { useState } from 'preact/hooks'
import { useShared, useShell } from '../context.js'
import { Icon } from '../ui/icon.js'
import { momentText } from '../ui/time.js'
import { lazy } from './lazy.js'

const Lab = lazy(() => import('./lab.js'))

/** What is shown is no account of the viewer's: said on every page. The live lab can be broken and mended from here. */
export function Banner() {
  const shared = useShared()
  const { about, language } = useShell()
  const [open, setOpen] = useState(false)
  const sample = about?.sample ?? null
  if (sample === null) return null
  const { kind, recordedAt } = sample
  const said =
    kind === 'lab'
      ? shared.sampleLab
      : shared.sampleRecording(recordedAt === null ? '–' : momentText(language, recordedAt, false))
  return (
    <aside class="banner" aria-label={shared.sample}>
      <p>
        <span>{said}</span>
        <button
          type="button"
          class="button button-small"
          aria-expanded={open}
          aria-controls="lab"
          onClick={() => setOpen(!open)}
        >
          <Icon name={kind === 'lab' ? 'bolt' : 'chevron'} />
          {kind === 'lab' ? shared.lab.open : shared.lab.about}
        </button>
      </p>
      <div id="lab" hidden={!open}>
        {open ? <Lab /> : null}
      </div>
    </aside>
  )
}
