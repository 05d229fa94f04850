import { useShell } from '../context.js'
import { koreanOf } from '../i18n/messages.js'

/** What the server said in English, in the viewer's language; where that isn't known, marked as its own words. */
export function ServerSaid({ message }: { readonly message: string }) {
  const { language } = useShell()
  const words = language === 'en' ? message : koreanOf(message)
  return words === null ? <code lang="en">{message}</code> : words
}
