import { fitted } from './geometry.js'

/** The map's styles of text: sizes and weights as in `styles/map.css`. */
const FONTS = {
  vpc: '600 13px',
  subnet: '600 12px',
  name: '400 12px',
  note: '400 11px',
} as const
export type TextStyle = keyof typeof FONTS

/** Cuts texts to a width as the viewer's own fonts draw them; what it has cut before is not measured again. */
export type Cut = (text: string, width: number, style: TextStyle) => string

/** Wide enough never to stick out: without a canvas nothing can be measured. */
const WIDEST = 13

export function createCut(document: Document): Cut {
  const pen = document.createElement('canvas').getContext('2d')
  const family = getComputedStyle(document.documentElement).getPropertyValue('--sans')
  const known = new Map<string, string>()
  const widthOf = (style: TextStyle) => (text: string) => {
    if (pen === null) return text.length * WIDEST
    pen.font = `${FONTS[style]} ${family}`
    return pen.measureText(text).width
  }
  return (text, width, style) => {
    const key = `${style} ${width} ${text}`
    const found = known.get(key) ?? fitted(text, width, widthOf(style))
    known.set(key, found)
    return found
  }
}
