/** Deeper than any AWS answer by far; a bound for what walks a document recursively. */
export const MAX_DEPTH = 100

/** A parsed document, or where and why the text isn't one JSON document. */
type JsonResult =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly pointer: string; readonly message: string }

/**
 * Parses one JSON document. Where that fails the message names line, column, what was expected and what
 * was found, and `pointer` the innermost value that was being read. Never throws.
 */
export function parseJson(text: string): JsonResult {
  try {
    return { ok: true, value: JSON.parse(text) }
  } catch (cause) {
    const fault = locate(text)
    if (fault === null) return { ok: false, pointer: '', message: `not JSON: ${String(cause)}` }
    const before = text.slice(0, fault.offset)
    const line = before.split('\n').length
    const column = fault.offset - (before.lastIndexOf('\n') + 1) + 1
    return {
      ok: false,
      pointer: fault.pointer,
      message: `not JSON at line ${line}, column ${column}: expected ${fault.expected}, found ${describe(text, fault.offset)}`,
    }
  }
}

/** Decodes a file's bytes: UTF-8, or UTF-16 with a byte order mark, as PowerShell's `>` writes it. */
export function decodeText(bytes: Uint8Array): string {
  const encoding =
    bytes[0] === 0xff && bytes[1] === 0xfe
      ? 'utf-16le'
      : bytes[0] === 0xfe && bytes[1] === 0xff
        ? 'utf-16be'
        : 'utf-8'
  return new TextDecoder(encoding).decode(bytes)
}

interface Fault {
  readonly offset: number
  readonly pointer: string
  readonly expected: string
}

const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y
// biome-ignore lint/suspicious/noControlCharactersInRegex: JSON forbids exactly these inside a string
const STRING = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y
const LITERAL = /true|false|null/y

/** Finds the first place where the text departs from JSON; only called for text that JSON.parse refused. */
function locate(text: string): Fault | null {
  let at = 0
  const path: string[] = []
  const fault = (expected: string, offset = at): Fault => ({
    offset,
    pointer: path.map(step).join(''),
    expected,
  })
  const space = () => {
    while (at < text.length && ' \t\r\n'.includes(text.charAt(at))) at++
  }
  const take = (pattern: RegExp): string | null => {
    const sticky = new RegExp(pattern.source, 'y')
    sticky.lastIndex = at
    const match = sticky.exec(text)
    if (match === null) return null
    at += match[0].length
    return match[0]
  }
  const value = (): Fault | null => {
    space()
    if (path.length > MAX_DEPTH) return fault(`at most ${MAX_DEPTH} levels`)
    const first = text.charAt(at)
    if (first === '{') return members()
    if (first === '[') return elements()
    if (first === '"')
      return take(STRING) === null ? fault('a string that ends with " on the same line') : null
    return take(LITERAL) === null && take(NUMBER) === null ? fault('a value') : null
  }
  const members = (): Fault | null => {
    at++
    space()
    if (text.charAt(at) === '}') return skip()
    for (;;) {
      space()
      const name = text.charAt(at) === '"' ? take(STRING) : null
      if (name === null) return fault('a name in double quotes')
      path.push(String(JSON.parse(name)))
      space()
      if (text.charAt(at) !== ':') return fault("':' after the name")
      at++
      const inner = value()
      if (inner !== null) return inner
      path.pop()
      space()
      if (text.charAt(at) === '}') return skip()
      if (text.charAt(at) !== ',') return fault("',' or '}'")
      at++
    }
  }
  const elements = (): Fault | null => {
    at++
    space()
    if (text.charAt(at) === ']') return skip()
    for (let index = 0; ; index++) {
      path.push(String(index))
      const inner = value()
      if (inner !== null) return inner
      path.pop()
      space()
      if (text.charAt(at) === ']') return skip()
      if (text.charAt(at) !== ',') return fault("',' or ']'")
      at++
    }
  }
  const skip = (): null => {
    at++
    return null
  }
  const inside = value()
  if (inside !== null) return inside
  space()
  return at < text.length
    ? fault('the end of the file (one JSON document a file; pages are files of their own)')
    : null
}

function step(name: string): string {
  return `/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`
}

function describe(text: string, offset: number): string {
  if (text.trim() === '') return 'an empty file'
  if (offset >= text.length) return 'the end of the file'
  const rest = text.slice(offset, offset + 24)
  const line = rest.split(/[\r\n]/, 1)[0] ?? ''
  return JSON.stringify(line === '' ? rest.charAt(0) : line)
}
