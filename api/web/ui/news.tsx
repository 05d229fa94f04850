import { useShared } from '../context.js'
import type { News } from '../data/news.js'

/** What has come or gone since a list was read, and the way to see it. Its room is always kept: nothing moves when it speaks. */
export function NewsLine({ news, onShow }: { readonly news: News; readonly onShow: () => void }) {
  const shared = useShared()
  const { came, orMore, went } = news
  const said = [
    ...(came > 0 ? [shared.came(came, orMore)] : []),
    ...(went > 0 ? [shared.went(went)] : []),
  ].join(', ')
  return (
    <p class="moved" role="status">
      {said === '' ? null : (
        <>
          {said}{' '}
          <button type="button" class="link" onClick={onShow}>
            {shared.showNow}
          </button>
        </>
      )}
    </p>
  )
}
