import { useShared, useTitle } from '../context.js'
import { PAGES } from '../pages.js'

export function NotFound() {
  const { notFound } = useShared()
  useTitle(notFound.title)
  return (
    <div class="notice">
      <h1 class="notice-title">{notFound.title}</h1>
      <p class="notice-text">{notFound.hint}</p>
      <a class="button" href={PAGES.overview}>
        {notFound.home}
      </a>
    </div>
  )
}
