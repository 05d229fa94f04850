import { useNow, useShared, useShell } from '../context.js'
import type { Words } from '../i18n/en.js'
import type { Language } from '../i18n/language.js'

/** A duration since `at` in words of the language: seconds up to two minutes, then minutes, hours, days. */
export function agoText(words: Words, at: string | null, now: number): string {
  if (at === null) return words.never
  const seconds = Math.max(0, Math.round((now - Date.parse(at)) / 1000))
  return seconds < 5 ? words.now : spanOf(words.ago, seconds)
}

/** A length of time in words; `ms` in milliseconds. */
export function spanText(words: Words, ms: number): string {
  return spanOf(words.span, Math.max(0, Math.round(ms / 1000)))
}

function spanOf(units: Words['ago'], seconds: number): string {
  if (seconds < 120) return units.seconds(seconds)
  if (seconds < 7200) return units.minutes(Math.floor(seconds / 60))
  if (seconds < 172_800) return units.hours(Math.floor(seconds / 3600))
  return units.days(Math.floor(seconds / 86_400))
}

/** Made once each: making a formatter costs a hundred times what formatting does, and a list formats on every scroll. */
const FORMATS = { en: formatsOf('en'), ko: formatsOf('ko') }

function formatsOf(language: Language) {
  const time = { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' } as const
  return {
    date: new Intl.DateTimeFormat(language, { dateStyle: 'medium' }),
    minutes: new Intl.DateTimeFormat(language, time),
    seconds: new Intl.DateTimeFormat(language, { ...time, second: '2-digit' }),
    offset: new Intl.DateTimeFormat(language, { timeZoneName: 'shortOffset' }),
  }
}

/** A moment in the viewer's own zone, which is named: `Jan 7, 2026, 18:05:00 GMT+9`. */
export function momentText(language: Language, at: string | number, seconds = true): string {
  const moment = new Date(at)
  const formats = FORMATS[language]
  // Apart: asked for together with a zone, Korean hours and minutes come in words.
  const date = formats.date.format(moment)
  const time = (seconds ? formats.seconds : formats.minutes).format(moment)
  return `${date}${language === 'en' ? ',' : ''} ${time} ${offsetText(language, moment.getTime())}`
}

/** The viewer's offset: `GMT+9`. */
export function offsetText(language: Language, now: number): string {
  const parts = FORMATS[language].offset.formatToParts(now)
  return parts.find(({ type }) => type === 'timeZoneName')?.value ?? ''
}

/** The viewer's zone as a reader knows it: `Asia/Seoul (GMT+9)`. */
export function zoneText(language: Language, now: number): string {
  return `${FORMATS[language].date.resolvedOptions().timeZone} (${offsetText(language, now)})`
}

/** How long ago, kept up to date; the moment itself is in its title. */
export function Ago({ at }: { readonly at: string }) {
  const shared = useShared()
  const { language } = useShell()
  const now = useNow()
  return (
    <time dateTime={at} title={momentText(language, at)}>
      {agoText(shared, at, now)}
    </time>
  )
}

/** A moment in the viewer's zone. */
export function Moment({ at }: { readonly at: string }) {
  const { language } = useShell()
  return <time dateTime={at}>{momentText(language, at)}</time>
}

/** How long something lasted, or has lasted so far. */
export function Lasting({ from, to }: { readonly from: string; readonly to: string | null }) {
  const shared = useShared()
  const { language } = useShell()
  const now = useNow()
  const end = to === null ? now : Date.parse(to)
  return (
    <time dateTime={from} title={momentText(language, from)}>
      {spanText(shared, end - Date.parse(from))}
    </time>
  )
}
