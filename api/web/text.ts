/** The page's words. One key, one sentence in each language. */
const en = {
  title: 'Functions',
  causes: 'What is wrong now',
  fix: 'Fix',
  copy: 'Copy',
  copied: 'Copied',
  rehearsed: 'rehearsed on a copy of the configuration: the path turns open',
  risk: 'Risk',
  proven: 'proven',
  predicted: 'predicted',
  contradicted: 'packet and snapshot disagree',
  'outside-configuration': 'outside the configuration',
  inconclusive: 'inconclusive',
  subnets: (failed: number, all: number) => `${failed} of ${all} ${all === 1 ? 'subnet' : 'subnets'}`,
  inPhase: (phase: string) => `in ${phase}`,
  filter: 'Filter by name',
  all: 'all',
  healthy: 'healthy',
  degraded: 'degraded',
  failing: 'failing',
  stale: 'stale',
  unknown: 'unknown',
  passing: 'passing',
  pending: 'pending',
  function: 'Function',
  state: 'State',
  why: 'Why',
  checks: 'Checks',
  more: 'Show more',
  none: 'No function has reported yet.',
  noneHint:
    'A probe prints its report on stdout; feed the lines to POST /v1/reports, to sonde ingest, or connect CloudWatch Logs.',
  noMatch: 'No function matches this filter.',
  loading: 'Loading',
  live: 'live',
  reconnecting: 'connection lost, retrying',
  lastReport: 'last report',
  never: 'never',
  now: 'just now',
  error: 'The API did not answer as expected.',
  unauthorised: 'This API needs a token.',
  token: 'Token',
  signIn: 'Use token',
  sample: 'Sample data: real probes against listeners on this machine’s loopback. Nothing else is contacted.',
  connect: 'To see your own functions, name a log group in the configuration:',
  docs: 'API reference',
  language: '한국어',
  seconds: (n: number) => `${n} s ago`,
  minutes: (n: number) => `${n} min ago`,
  hours: (n: number) => `${n} h ago`,
  days: (n: number) => `${n} d ago`,
}

export type Words = typeof en

const ko: Words = {
  title: '함수',
  causes: '지금의 문제',
  fix: '조치',
  copy: '복사',
  copied: '복사했습니다',
  rehearsed: '구성 사본에서 예행했고 경로가 열립니다',
  risk: '위험',
  proven: '증명됨',
  predicted: '예측',
  contradicted: '패킷과 스냅샷이 어긋남',
  'outside-configuration': '구성 밖의 원인',
  inconclusive: '판단 불가',
  subnets: (failed, all) => `서브넷 ${all}개 중 ${failed}개`,
  inPhase: (phase) => `${phase} 단계`,
  filter: '이름으로 찾기',
  all: '전체',
  healthy: '정상',
  degraded: '일부 장애',
  failing: '장애',
  stale: '보고 끊김',
  unknown: '알 수 없음',
  passing: '통과',
  pending: '판단 보류',
  function: '함수',
  state: '상태',
  why: '이유',
  checks: '검사',
  more: '더 보기',
  none: '아직 보고한 함수가 없습니다.',
  noneHint:
    '프로브는 보고를 stdout에 출력합니다. 그 줄을 POST /v1/reports나 sonde ingest로 넣거나 CloudWatch Logs를 연결하세요.',
  noMatch: '조건에 맞는 함수가 없습니다.',
  loading: '불러오는 중',
  live: '실시간',
  reconnecting: '연결이 끊겨 다시 시도하는 중',
  lastReport: '마지막 보고',
  never: '없음',
  now: '방금',
  error: 'API가 예상과 다르게 응답했습니다.',
  unauthorised: '이 API에는 토큰이 필요합니다.',
  token: '토큰',
  signIn: '토큰 사용',
  sample:
    '예제 데이터: 이 컴퓨터의 루프백에 띄운 서버를 실제 프로브가 검사합니다. 그 밖의 주소에는 접속하지 않습니다.',
  connect: '자신의 함수를 보려면 설정에 로그 그룹을 적으세요:',
  docs: 'API 문서',
  language: 'English',
  seconds: (n) => `${n}초 전`,
  minutes: (n) => `${n}분 전`,
  hours: (n) => `${n}시간 전`,
  days: (n) => `${n}일 전`,
}

export type Language = 'en' | 'ko'

export const words: Record<Language, Words> = { en, ko }

/** The stored choice, else the browser's first language that Sonde speaks. */
export function preferredLanguage(stored: string | null, browser: readonly string[]): Language {
  if (stored === 'en' || stored === 'ko') return stored
  for (const tag of browser) {
    if (tag.toLowerCase().startsWith('ko')) return 'ko'
    if (tag.toLowerCase().startsWith('en')) return 'en'
  }
  return 'en'
}

/** A duration since `at` in words. */
export function ago(w: Words, at: string | null, now: number): string {
  if (at === null) return w.never
  const seconds = Math.max(0, Math.round((now - Date.parse(at)) / 1000))
  if (seconds < 5) return w.now
  if (seconds < 120) return w.seconds(seconds)
  if (seconds < 7200) return w.minutes(Math.round(seconds / 60))
  if (seconds < 172_800) return w.hours(Math.round(seconds / 3600))
  return w.days(Math.round(seconds / 86_400))
}
