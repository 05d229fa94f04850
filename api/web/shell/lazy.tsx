import type { ComponentType } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { useShared } from '../context.js'
import { Loading } from '../ui/notice.js'

/** A component that is fetched when it is first drawn. */
export function lazy<Props extends object>(
  load: () => Promise<{ readonly default: ComponentType<Props> }>,
): ComponentType<Props> {
  let loaded: ComponentType<Props> | null = null
  return (props) => {
    const [, setTurn] = useState(0)
    const [failed, setFailed] = useState(false)
    useEffect(() => {
      if (loaded !== null) return
      let gone = false
      load().then(
        (module) => {
          loaded = module.default
          if (!gone) setTurn((turn) => turn + 1)
        },
        () => {
          if (!gone) setFailed(true)
        },
      )
      return () => {
        gone = true
      }
    }, [])
    if (failed) return <ChunkGone />
    const Component = loaded
    return Component === null ? <Loading rows={8} /> : <Component {...props} />
  }
}

/** The file is another after an update of the server; the address stays good. */
function ChunkGone() {
  const { problem } = useShared()
  return (
    <div class="notice notice-problem" role="alert">
      <p class="notice-title">{problem.chunk}</p>
      <p class="notice-text">{problem.chunkHint}</p>
      <button type="button" class="button" onClick={() => location.reload()}>
        {problem.reload}
      </button>
    </div>
  )
}
