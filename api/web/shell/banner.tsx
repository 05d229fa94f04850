import { useShared, useShell } from '../context.js'
import { momentText } from '../ui/time.js'

/** What is shown is no account of the viewer's: said on every page. */
export function Banner() {
  const shared = useShared()
  const { about, language } = useShell()
  if (about === null || about.sample === null || about.sample === false) return null
  const { sample } = about
  const said =
    sample === true
      ? shared.sampleLoopback
      : sample.kind === 'lab'
        ? shared.sampleLab
        : shared.sampleRecording(
            sample.recordedAt === null ? '' : momentText(language, sample.recordedAt, false),
          )
  return <p class="banner">{said}</p>
}
