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
    for (const name of KEPT) {
      const value = style.getPropertyValue(name)
      if (value !== '' && value !== 'none' && value !== 'auto') target.setAttribute(name, value)
      else if (name === 'fill') target.setAttribute(name, 'none')
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
  return new XMLSerializer().serializeToString(copy)
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
