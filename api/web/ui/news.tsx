import { useShared } from '../context.js'
import type { News } from '../data/news.js'

/** What a live change has left undone, and the way to it. Its room is always kept: nothing moves when it speaks. */
export function LiveLine({
  said,
  action,
  onAct,
}: {
  /** Empty while there is nothing to say. */
  readonly said: string
  readonly action: string
  readonly onAct: () => void
}) {
  return (
    <p class="moved" role="status">
      {said === '' ? null : (
        <>
          {said}{' '}
          <button type="button" class="link" onClick={onAct}>
            {action}
          </button>
        </>
      )}
    </p>
  )
}

/** What has come or gone since a list was read. */
export function NewsLine({ news, onShow }: { readonly news: News; readonly onShow: () => void }) {
  const shared = useShared()
  const { came, orMore, went } = news
  const said = [
    ...(came > 0 ? [shared.came(came, orMore)] : []),
    ...(went > 0 ? [shared.went(went)] : []),
  ].join(', ')
  return <LiveLine said={said} action={shared.showNow} onAct={onShow} />
}
