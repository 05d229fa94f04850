import stringWidth from 'string-width'

/** Columns that a text takes in a terminal: Hangul, Han, full-width forms and emoji take two, combining marks none. */
export function widthOf(text: string): number {
  // Most words are ids and Latin letters, which need no segmenter.
  return /^[\u0020-\u007e]*$/.test(text) ? text.length : stringWidth(text)
}

/** Fills with spaces up to a width. */
export function pad(text: string, columns: number): string {
  return text + ' '.repeat(Math.max(columns - widthOf(text), 0))
}

/** Breaks a text at spaces into lines of at most `columns`; a longer word is cut. */
export function wrap(text: string, columns: number): readonly string[] {
  return filled(
    text.split(' ').flatMap((word) => cut(word, columns)),
    columns,
  )
}

/**
 * A text behind its lead (a bullet, a label), broken at spaces into lines of at most `columns`, whose second and later lines
 * begin below the `hang`th column. Words stay whole, since ids, addresses and commands in a text are there to be copied: one
 * that is longer than a line has a line of its own.
 * @param columns null leaves the text on one line
 */
export function hanging(lead: string, text: string, hang: number, columns: number | null): readonly string[] {
  if (columns === null) return [lead + text]
  // The lead's own spaces are no places to break at, and neither are those of a command's name.
  const [first = '', ...words] = text.split(/(?<!\baws(?: [a-z0-9-]+)?) /)
  return filled([lead + first, ...words], columns, hang)
}

/** Words as lines; all but the first line are indented. */
function filled([first = '', ...words]: readonly string[], columns: number, indent = 0): readonly string[] {
  const lines: string[] = []
  let line = first
  let width = widthOf(first)
  for (const word of words) {
    const own = widthOf(word)
    if (width + 1 + own <= columns) {
      line += ` ${word}`
      width += 1 + own
    } else {
      lines.push(line)
      line = ' '.repeat(indent) + word
      width = indent + own
    }
  }
  return [...lines, line]
}

/** A word in pieces of at most `columns`. */
function cut(word: string, columns: number): readonly string[] {
  const pieces: string[] = []
  let piece = ''
  for (const character of word) {
    if (piece !== '' && widthOf(piece + character) > columns) {
      pieces.push(piece)
      piece = ''
    }
    piece += character
  }
  return [...pieces, piece]
}
