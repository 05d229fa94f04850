/** The value of a JSON text, or the place where it stops being JSON (lines and columns from 1). */
export type JsonReading =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly line: number; readonly column: number; readonly message: string }

/**
 * `JSON.parse` with a place in every error: V8 names none for short texts, and each version words it differently.
 * Only a text that failed is scanned again.
 */
export function parseJson(text: string): JsonReading {
  try {
    return { ok: true, value: JSON.parse(text) }
  } catch {
    const { at, message } = firstFault(text)
    const before = text.slice(0, at).split('\n')
    return { ok: false, line: before.length, column: (before.at(-1)?.length ?? 0) + 1, message }
  }
}

interface Fault {
  readonly at: number
  readonly message: string
}

/** Walks the tokens with a stack of its own, so that deep nesting can't exhaust the real one. */
function firstFault(text: string): Fault {
  const token =
    /[ \t\r\n]*(?:([{}[\],:])|("(?:[ !#-[\]-\uffff]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*")|(-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?(?![\w.])|true\b|false\b|null\b)|($))/y
  const open: ('{' | '[')[] = []
  let want: 'value' | 'value-or-close' | 'key' | 'key-or-close' | 'colon' | 'comma-or-close' | 'end' = 'value'
  for (;;) {
    const start = token.lastIndex
    const match = token.exec(text)
    if (!match) return unreadable(text, start)
    const [whole, mark, string, word, end] = match
    const at = start + whole.length - (mark ?? string ?? word ?? '').length
    const fault = (message: string): Fault => ({ at, message })
    const inside = open.at(-1)
    if (end !== undefined)
      return fault(
        want === 'end' ? 'not JSON' : `the text ends where ${expectation(want, inside)} should follow`,
      )
    const found = `found ${mark ?? string?.slice(0, 24) ?? word} where ${expectation(want, inside)} should be`
    if (want === 'end') return fault(`found ${mark ?? string ?? word} after the end of the value`)
    if (want === 'colon') {
      if (mark !== ':') return fault(found)
      want = 'value'
    } else if (want === 'key' || (want === 'key-or-close' && mark !== '}')) {
      if (string === undefined) return fault(found)
      want = 'colon'
    } else if (want === 'comma-or-close' && mark === ',') {
      want = inside === '{' ? 'key' : 'value'
    } else if (want !== 'value' && (mark === '}' || mark === ']')) {
      if ((mark === '}') !== (inside === '{')) return fault(found)
      open.pop()
      want = open.length === 0 ? 'end' : 'comma-or-close'
    } else if (want === 'value' || want === 'value-or-close') {
      if (mark === '{' || mark === '[') {
        open.push(mark)
        want = mark === '{' ? 'key-or-close' : 'value-or-close'
      } else if (mark !== undefined) return fault(found)
      else want = open.length === 0 ? 'end' : 'comma-or-close'
    } else return fault(found)
  }
}

function expectation(want: string, inside: '{' | '[' | undefined): string {
  const close = inside === '{' ? '"}"' : '"]"'
  if (want === 'key') return 'a property name in double quotes'
  if (want === 'key-or-close') return 'a property name in double quotes or "}"'
  if (want === 'colon') return '":"'
  if (want === 'comma-or-close') return `"," or ${close}`
  if (want === 'value-or-close') return 'a value or "]"'
  return 'a value'
}

function unreadable(text: string, start: number): Fault {
  const at = start + (/^[ \t\r\n]*/.exec(text.slice(start))?.[0].length ?? 0)
  const char = text.slice(at, at + 1)
  if (char === '"') {
    const body = /^"(?:[ !#-[\]-\uffff]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*/.exec(text.slice(at))?.[0] ?? '"'
    const stop = at + body.length
    if (stop >= text.length) return { at, message: 'this string has no closing quote' }
    if (text[stop] === '\\') return { at: stop, message: 'not an escape that JSON knows' }
    return { at: stop, message: 'a control character or line break inside a string' }
  }
  if (char === "'") return { at, message: 'strings take double quotes' }
  if (text.startsWith('//', at) || text.startsWith('/*', at)) return { at, message: 'JSON has no comments' }
  return { at, message: `unexpected ${JSON.stringify(/^[\w.+-]{1,24}/.exec(text.slice(at))?.[0] ?? char)}` }
}
