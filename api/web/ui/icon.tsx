const PATHS = {
  overview: 'M2.5 3.5h11M2.5 8h11M2.5 12.5h11M5.5 3.5v9',
  map: 'M3 4.5a1.5 1.5 0 1 0 3 0 1.5 1.5 0 0 0-3 0M10 11.500a1.5 1.5 0 1 0 3 0 1.5 1.5 0 0 0-3 0M4.5 6v3.500a2 2 0 0 0 2 2H10',
  trace: 'M2 12.5 6 7l3.5 3L14 3.500M10.5 3.500H14V7',
  incidents: 'M8 2.5 14 13H2ZM8 6.500v3M8 11.200v.1',
  rejects: 'M3 3.500h10v9H3ZM6 6l4 4M10 6l-4 4',
  settings:
    'M2.5 5h6M11.5 5h2M2.5 11h2M7.5 11h6M8.5 5a1.5 1.5 0 1 0 3 0 1.5 1.5 0 0 0-3 0M4.5 11a1.5 1.5 0 1 0 3 0 1.5 1.5 0 0 0-3 0',
  search: 'M7 2.500a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9M10.3 10.3 14 14',
  copy: 'M5.5 5.500h8v8h-8ZM10.5 5.500v-3h-8v8h3',
  check: 'M2.5 8.5 6 12l7.5-8',
  chevron: 'M4 6l4 4 4-4',
  right: 'M6 4l4 4-4 4',
  external: 'M9 2.500h4.500V7M13.5 2.5 7.5 8.500M11.5 9.500v4h-9v-9h4',
  play: 'M4.5 3v10l8-5Z',
  refresh: 'M13 8a5 5 0 1 1-1.5-3.500M13 2v3h-3',
  close: 'M3.5 3.500l9 9M12.5 3.500l-9 9',
  arrowRight: 'M2.5 8h11M9.5 4l4 4-4 4',
  arrowLeft: 'M13.5 8h-11M6.5 4l-4 4 4 4',
  sun: 'M8 5a3 3 0 1 0 0 6 3 3 0 0 0 0-6M8 1v1.500M8 13.5V15M1 8h1.500M13.5 8H15M3 3l1 1M12 12l1 1M13 3l-1 1M4 12l-1 1',
  moon: 'M13.5 9.5A6 6 0 0 1 6.5 2.5a6 6 0 1 0 7 7Z',
  system: 'M2 3h12v8H2ZM6 13.5h4',
  bolt: 'M8.5 1.5 3.5 9H8l-.5 5.500L12.5 7H8Z',
} as const

export type IconName = keyof typeof PATHS

/** A line drawing of 16 px in the colour of its text; what it means must stand beside it. */
export function Icon({ name }: { readonly name: IconName }) {
  return (
    <svg class="icon" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
      <path d={PATHS[name]} />
    </svg>
  )
}
