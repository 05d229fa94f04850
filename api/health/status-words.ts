import type { CheckHealth, FunctionStatus } from './health.js'

/** What a state is called in Korean: by the page, the command line and the badge. */
export const STATUS_KO: Readonly<Record<FunctionStatus | CheckHealth['status'], string>> = {
  healthy: '정상',
  degraded: '일부 장애',
  failing: '장애',
  stale: '보고 끊김',
  unknown: '알 수 없음',
  passing: '통과',
  pending: '판단 보류',
}
