/** Properties by which the drawing looks as it does; a file of its own has no style sheet. */
const KEPT = [
  'fill',
  'stroke',
  'stroke-width',
  'stroke-dasharray',
  'stroke-linecap',
  'stroke-linejoin',
  'opacity',
  'font-family',
  'font-size',
  'font-weight',
  'text-anchor',
] as const

const NEEDLESS = ['class', 'style', 'tabindex', 'role', 'aria-pressed', 'aria-label', 'data-node'] as const

/** A text as XML can hold it: some characters it can't, not even escaped (XML 1.0, production 2), and a name tag may have them. */
function writable(text: string): string {
  return [...text].map((letter) => (isInXml(letter.codePointAt(0) ?? 0) ? letter : '\ufffd')).join('')
}

function isInXml(code: number): boolean {
  if (code < 0x20) return code === 0x9 || code === 0xa || code === 0xd
  return code < 0xd800 || (code > 0xdfff && code !== 0xfffe && code !== 0xffff)
}

/** The drawing as a document of its own, as it looks now: colours of the theme, and no script, link or class in it. */
export function standalone(drawing: SVGSVGElement, ground: string, title: string): string {
  const copy = drawing.cloneNode(true)
  if (!(copy instanceof SVGSVGElement)) return ''
  const originals = [drawing, ...drawing.querySelectorAll<SVGElement>('*')]
  const copies = [copy, ...copy.querySelectorAll<SVGElement>('*')]
  for (const [index, original] of originals.entries()) {
    const target = copies[index]
    if (target === undefined) continue
    const style = getComputedStyle(original)
    const around = original === drawing ? null : getComputedStyle(original.parentElement ?? drawing)
    for (const name of KEPT) {
      const value = style.getPropertyValue(name)
      // What it has of what it stands in it has in the file as well.
      const isGiven = name === 'opacity' ? value === '1' : value === around?.getPropertyValue(name)
      if (value !== '' && !isGiven) target.setAttribute(name, plain(value))
    }
    for (const name of NEEDLESS) target.removeAttribute(name)
  }
  copy.setAttribute('xmlns', 'http://www.w3.org/2000/svg')
  const back = document.createElementNS('http://www.w3.org/2000/svg', 'rect')
  for (const [name, value] of [
    ['width', '100%'],
    ['height', '100%'],
    ['fill', ground],
  ] as const)
    back.setAttribute(name, value)
  const heading = document.createElementNS('http://www.w3.org/2000/svg', 'title')
  heading.textContent = title
  copy.prepend(heading, back)
  for (const text of copy.querySelectorAll('text, title')) text.textContent = writable(text.textContent ?? '')
  return new XMLSerializer().serializeToString(copy)
}

/** A colour as every drawing program reads it: mixed ones are told as shares of the colour space. */
function plain(value: string): string {
  const shares = /^color\(srgb ([\d.e-]+) ([\d.e-]+) ([\d.e-]+)\)$/.exec(value)?.slice(1)
  return shares === undefined
    ? value
    : `rgb(${shares.map((share) => Math.round(Number(share) * 255)).join(', ')})`
}

/** Hands a text to the viewer as a file. */
export function download(name: string, type: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type }))
  const link = document.createElement('a')
  link.href = url
  link.download = name
  link.click()
  // The download has its own hold on the data once it has begun.
  setTimeout(() => URL.revokeObjectURL(url), 10_000)
}
