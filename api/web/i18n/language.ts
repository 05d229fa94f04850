export type Language = 'en' | 'ko'

/**
 * The stored choice, else the language in which the server sent the document: it has read `Accept-Language` (RFC 9110,
 * 12.5.4), as it does for the diagnosis in plain text.
 */
export function preferredLanguage(stored: string | null, document: string): Language {
  if (stored === 'en' || stored === 'ko') return stored
  return document === 'ko' ? 'ko' : 'en'
}
