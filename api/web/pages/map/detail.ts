import type { MapWords } from './en.js'

/** What a map's answer says of a thing beside its id (`port 5432`, `s3 (gateway)`, `application, internal`), in the viewer's words. */
export function detailText(detail: string, words: MapWords['details']): string {
  if (detail === 'private') return words.private
  return detail
    .replace(/^port(?= \d)/, words.port)
    .replace(/ \(gateway\)$/, ` (${words.gateway})`)
    .replace(/, internet-facing$/, `, ${words.internetFacing}`)
    .replace(/, internal$/, `, ${words.internal}`)
}
