import type { Command } from 'commander'
import {
  type ChangedPath,
  diffPaths,
  MOST_DATABASES,
  type PathSummary,
  type SnapshotDiff,
} from '../network/diff.js'
import type { Text } from '../network/path.js'
import { EXIT, guard, type Io, say, write } from './io.js'
import { loadModel } from './model-input.js'
import { type Language, type Screen, type Style, safe, screenOf, wrap } from './screen.js'
import { addHelp } from './usage.js'

const HELP = {
  en: `Compares, for every function in both snapshots, its paths to the databases in its VPC, to the internet, to DynamoDB, S3 and each service that has an endpoint in its VPC.
Exit:  0 no path changed, 1 paths or functions changed, 2 bad input`,
  ko: `두 스냅샷에 모두 있는 함수마다, VPC 안의 데이터베이스, 인터넷, DynamoDB, S3, VPC에 엔드포인트가 있는 서비스로 가는 경로를 비교합니다.
종료 코드: 0 바뀐 경로 없음, 1 경로나 함수가 바뀜, 2 잘못된 입력`,
}

/** Adds `sonde diff`: which paths of which functions changed between two snapshots. */
export function registerDiff(program: Command, io: Io): void {
  const command = program
    .command('diff')
    .description(
      say(
        io,
        'which paths of which functions changed between two snapshots',
        '두 스냅샷 사이에 어느 함수의 어떤 경로가 바뀌었는지 알려 줍니다',
      ),
    )
    .argument('<before>', say(io, 'folder of the older snapshot', '이전 스냅샷 폴더'))
    .argument('<after>', say(io, 'folder of the newer snapshot', '이후 스냅샷 폴더'))
    .option('--json', say(io, 'print the versioned JSON contract', '버전이 있는 JSON 형식으로 출력'))
  addHelp(command, io, HELP).action((before: string, after: string, options: { readonly json?: boolean }) =>
    guard(
      io,
      'diff',
      () => false,
      async () => {
        const diff = diffPaths(await loadModel(io, before), await loadModel(io, after))
        const text = options.json
          ? `${JSON.stringify(diff, null, 2)}\n`
          : drawDiff(diff, io.language, screenOf(io.stdout, io.env))
        await write(io.stdout, text)
        const { added, removed } = diff.functions
        return diff.changes.length + added.length + removed.length === 0 ? EXIT.ok : EXIT.failed
      },
    ),
  )
}

function drawDiff(diff: SnapshotDiff, language: Language, screen: Screen): string {
  const { added, removed, compared } = diff.functions
  const lines: string[] = []
  for (const name of removed) lines.push(screen.paint('faint', `- ${safe(name)}`))
  for (const name of added) lines.push(screen.paint('strong', `+ ${safe(name)}`))
  let last = ''
  for (const change of diff.changes) {
    if (change.function !== last) lines.push(screen.paint('strong', safe(change.function)))
    last = change.function
    lines.push(...drawChange(change, language, screen))
  }
  for (const { function: name, databases } of diff.omitted) {
    const left = say(
      { language },
      `${databases} more databases were left out (at most ${MOST_DATABASES} a function)`,
      `데이터베이스 ${databases}개는 뺐습니다 (함수 하나에 최대 ${MOST_DATABASES}개)`,
    )
    lines.push(...wrap(`${safe(name)}: ${left}`, screen.columns))
  }
  const tally = say(
    { language },
    `${diff.changes.length} of ${diff.paths} paths changed, of ${compared} functions in both; ${added.length} added, ${removed.length} removed`,
    `양쪽에 있는 함수 ${compared}개의 경로 ${diff.paths}개 중 ${diff.changes.length}개가 바뀌었습니다. 함수 추가 ${added.length}개, 삭제 ${removed.length}개`,
  )
  lines.push(...wrap(tally, screen.columns))
  return `${lines.join('\n')}\n`
}

const CHANGED: Readonly<Record<ChangedPath['changed'][number], Text>> = {
  verdict: { en: 'verdict', ko: '판정' },
  blockers: { en: 'blockers', ko: '막는 것' },
  subnets: { en: 'subnets', ko: '서브넷' },
  route: { en: 'route', ko: '경로' },
  address: { en: 'address', ko: '주소' },
  appeared: { en: 'appeared', ko: '생김' },
  vanished: { en: 'vanished', ko: '없어짐' },
}

function drawChange(
  { to, changed, before, after }: ChangedPath,
  language: Language,
  screen: Screen,
): readonly string[] {
  const verdictOf = (path: PathSummary | null) =>
    path === null ? say({ language }, 'not there', '없음') : VERDICTS[path.verdict][language]
  const style: Style =
    after === null || after.verdict === 'unknown' ? 'doubt' : after.verdict === 'unreachable' ? 'bad' : 'good'
  const lines = wrap(
    `${safe(to)}: ${verdictOf(before)} → ${verdictOf(after)}  (${changed.map((one) => CHANGED[one][language]).join(', ')})`,
    screen.columns - 4,
  ).map((line) => `  ${screen.paint(style, line)}`)
  const detail = (mark: string, texts: readonly string[]) => {
    for (const text of texts) {
      lines.push(
        ...wrap(`${mark} ${safe(text)}`, screen.columns - 6).map(
          (line) => `    ${screen.paint('faint', line)}`,
        ),
      )
    }
  }
  if (changed.includes('blockers') || changed.includes('appeared')) {
    detail('-', without(blockersOf(before, language), blockersOf(after, language)))
    detail('+', without(blockersOf(after, language), blockersOf(before, language)))
  }
  if (changed.includes('subnets')) {
    detail('-', without(subnetsOf(before, language), subnetsOf(after, language)))
    detail('+', without(subnetsOf(after, language), subnetsOf(before, language)))
  }
  if (changed.includes('route')) {
    const via = say({ language }, 'via', '경유')
    detail('-', [`${via} ${before?.via.join(' ') ?? ''}`])
    detail('+', [`${via} ${after?.via.join(' ') ?? ''}`])
  }
  if (changed.includes('address'))
    detail('±', [
      say(
        { language },
        `seen as ${before?.seenAs ?? 'none'} → ${after?.seenAs ?? 'none'}`,
        `외부에 보이는 주소 ${before?.seenAs ?? '없음'} → ${after?.seenAs ?? '없음'}`,
      ),
    ])
  return lines
}

const VERDICTS: Readonly<Record<PathSummary['verdict'], Text>> = {
  reachable: { en: 'reachable', ko: '도달 가능' },
  unreachable: { en: 'unreachable', ko: '도달 불가' },
  unknown: { en: 'unknown', ko: '판단 불가' },
}

const DIRECTIONS: Readonly<Record<string, Text>> = {
  forward: { en: 'forward', ko: '가는 길' },
  return: { en: 'return', ko: '오는 길' },
}

function blockersOf(path: PathSummary | null, language: Language): readonly string[] {
  return (path?.blockers ?? []).map(
    ({ code, component, direction }) =>
      `${code} ${component} (${DIRECTIONS[direction]?.[language] ?? direction})`,
  )
}

function subnetsOf(path: PathSummary | null, language: Language): readonly string[] {
  return (path?.subnets ?? []).map(
    ({ subnet, verdict }) =>
      `${subnet ?? say({ language }, 'no subnet', '서브넷 없음')}: ${VERDICTS[verdict][language]}`,
  )
}

function without(list: readonly string[], others: readonly string[]): readonly string[] {
  return list.filter((item) => !others.includes(item))
}
