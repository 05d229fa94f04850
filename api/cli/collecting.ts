import type { MissingCall } from '../network/snapshot.js'
import { InputError, type Io, say, write } from './io.js'
import { safe, wrap } from './screen.js'

/** The regions of `--region`, else that of the environment; none where neither names one. @throws InputError */
export function regionsOf(options: { readonly region: readonly string[] }, io: Io): readonly string[] {
  const fallback = io.env['AWS_REGION'] ?? io.env['AWS_DEFAULT_REGION']
  const given = options.region.length === 0 && fallback !== undefined ? [fallback] : options.region
  for (const region of given) {
    if (!/^[a-z]{2,5}(?:-[a-z]+)+-\d+$/.test(region))
      throw new InputError({
        en: `--region: expected a region such as eu-west-1, found ${region}`,
        ko: `--region: ap-northeast-2 같은 리전이어야 하는데 ${region}입니다`,
      })
  }
  return [...new Set(given)]
}

/** What `--region` is, and what is said where it is missing. */
export const REGION = {
  about: { en: 'a region to collect; may be given several times', ko: '수집할 리전. 여러 번 쓸 수 있습니다' },
  policy: {
    en: 'print the least IAM policy that this command needs, and stop',
    ko: '이 명령에 필요한 최소 IAM 정책을 출력하고 끝냄',
  },
} as const

/** For options that may be given several times, or with commas. */
export function append(value: string, before: readonly string[]): readonly string[] {
  return [...before, ...value.split(',').filter((part) => part !== '')]
}

/** One line on a terminal that says how far it is; nothing elsewhere, where it would fill a log. */
export function progressLine(io: Io) {
  let calls = 0
  let pending = Promise.resolve(true)
  const show = (text: string) => {
    if (io.stderr.isTTY === true) pending = write(io.stderr, `\r\u001b[K${text}`)
  }
  return {
    step: ({ region, call }: { readonly region: string; readonly call: string }) => {
      calls++
      show(say(io, `${region}: ${calls} calls, ${call}`, `${region}: 호출 ${calls}회, ${call}`))
    },
    end: async () => {
      show('')
      await pending
    },
  }
}

/** What AWS did not answer, one line a call and reason. */
export function missingLines(
  io: Pick<Io, 'language'>,
  missing: readonly MissingCall[],
  columns: number,
): readonly string[] {
  const lines: string[] = []
  const grouped = new Map<string, { readonly first: MissingCall; count: number }>()
  for (const one of missing) {
    const key = `${one.scope} ${one.call} ${one.code}`
    const group = grouped.get(key)
    if (group === undefined) grouped.set(key, { first: one, count: 1 })
    else group.count++
  }
  for (const { first, count } of grouped.values()) {
    const times = count === 1 ? '' : say(io, ` (${count} times)`, ` (${count}회)`)
    const text = `${say(io, 'missing', '빠짐')}: ${first.scope} ${first.call}${times}: ${first.code}: ${first.message}`
    lines.push(...wrap(safe(text), columns - 2).map((line, index) => `${index === 0 ? '' : '  '}${line}`))
  }
  return lines
}
