import { koreanOf } from '../../korean-messages.js'
import { useShared, useShell } from '../context.js'
import type { Problem } from '../data/client.js'

/** What the server said in English, in the viewer's language; where that isn't known, marked as its own words. */
export function ServerSaid({ message }: { readonly message: string }) {
  const { language } = useShell()
  const words = language === 'en' ? message : koreanOf(message)
  return words === null ? <code lang="en">{message}</code> : words
}

/** Why something that the viewer asked for was not done, in a line. */
export function ProblemSaid({ problem }: { readonly problem: Problem }) {
  const { problem: says } = useShared()
  if (problem.kind === 'disconnected') return <span>{says.disconnected}</span>
  return <ServerSaid message={problem.message} />
}
