import type { Text } from '../network/path.js'
import type { LastResult } from './fold.js'
import type { CheckHealth, FunctionStatus, StandpointCheck } from './health.js'
import { severity } from './severity.js'

const MAX_PLACES = 3

/** The summary of a function that discovery no longer finds. */
export const VANISHED: Text = {
  en: 'discovery no longer finds it; its history is kept',
  ko: '인벤토리에 더 이상 없습니다. 이력은 남아 있습니다',
}

/** A function whose probes have all fallen silent. */
export const silentSince = (lastReportAt: string | null, before: Text): Text => ({
  en: `no report since ${lastReportAt ?? 'ever'}; the last one said: ${before.en}`,
  ko: `${lastReportAt === null ? '보고가 없습니다' : `${lastReportAt} 이후로 보고가 없습니다`}. 마지막 보고의 내용: ${before.ko}`,
})

/** Some of a function's probes have fallen silent. */
export const partlySilent = (places: readonly string[], now: Text): Text => ({
  en: `${now.en}; no report from ${places.join(', ')}`,
  ko: `${now.ko}. ${places.join(', ')}에서는 보고가 없습니다`,
})

/**
 * One sentence that says why: the worst check, what it saw, in which phase, and from which subnets. It names no clock time
 * and no duration, so that it changes only when the state does.
 *
 * @param results newest results of each check, in the order of its standpoints
 */
export function summarise(
  status: FunctionStatus,
  checks: readonly CheckHealth[],
  results: ReadonlyMap<string, readonly LastResult[]>,
  probes: number,
): Text {
  if (checks.length === 0) {
    return probes === 0
      ? { en: 'no report yet', ko: '아직 보고가 없습니다' }
      : {
          en: 'its probe reports, but has nothing to check',
          ko: '프로브가 보고하지만 검사할 것이 없습니다',
        }
  }
  const places = new Set(checks.flatMap(({ standpoints }) => standpoints.map(placeOf)))
  if (status === 'healthy') {
    const all = {
      en: checks.length === 1 ? '1 check passes' : `all ${checks.length} checks pass`,
      ko: checks.length === 1 ? '검사 1개가 통과합니다' : `검사 ${checks.length}개가 모두 통과합니다`,
    }
    const known = checks.every(({ standpoints }) => standpoints.every(({ subnet }) => subnet !== null))
    const [only] = places
    if (places.size === 1) return { en: `${all.en} from ${only ?? ''}`, ko: `${only ?? ''}에서 ${all.ko}` }
    return {
      en: `${all.en} from ${places.size} ${known ? 'subnets' : 'standpoints'}`,
      ko: `${known ? '서브넷' : '프로브 위치'} ${places.size}개에서 ${all.ko}`,
    }
  }
  const bad = checks.filter((check) => severity(check) === status)
  const [worst] = bad
  if (worst === undefined) return { en: `${checks.length} checks`, ko: `검사 ${checks.length}개` }
  const others = checks.filter((check) => severity(check) !== 'healthy').length - 1
  const why = sentence(worst, results.get(worst.name) ?? [])
  if (others === 0) return why
  return {
    en: `${why.en}; and ${others} more ${others === 1 ? 'check' : 'checks'}`,
    ko: `${why.ko}. 다른 검사 ${others}개도 실패합니다`,
  }
}

function sentence(check: CheckHealth, results: readonly LastResult[]): Text {
  const failing = check.standpoints.filter(
    ({ status, asExpected }) => status === 'failing' || (status === 'pending' && !asExpected),
  )
  if (failing.length === 0) {
    const addresses = results.find((result) => result.addresses !== null)?.addresses
    if (!addresses)
      return {
        en: `${check.name}: an address keeps failing`,
        ko: `${check.name}: 주소 하나가 계속 실패합니다`,
      }
    const { outcome, failed, tried } = addresses
    return {
      en: `${check.name}: ${outcome} at ${failed} of ${tried} addresses`,
      ko: `${check.name}: 주소 ${tried}개 중 ${failed}개에서 ${outcome}`,
    }
  }
  const places = [...new Set(failing.map(placeOf))]
  const all = new Set(check.standpoints.map(placeOf)).size
  const known = check.standpoints.every(({ subnet }) => subnet !== null)
  const unit = known ? 'subnet' : 'standpoint'
  const shown = places.slice(0, MAX_PLACES).join(', ')
  const rest = places.length - MAX_PLACES
  const share = `${places.length} of ${all} ${all === 1 ? unit : `${unit}s`}`
  const outcome = said(check, failing)
  return {
    en: `${check.name}: ${outcome.en} from ${shown}${rest > 0 ? ` and ${rest} more` : ''} (${share})`,
    ko: `${check.name}: ${shown}${rest > 0 ? ` 외 ${rest}개` : ''}에서 ${outcome.ko} (${known ? '서브넷' : '프로브 위치'} ${all}개 중 ${places.length}개)`,
  }
}

function said(check: CheckHealth, failing: readonly StandpointCheck[]): Text {
  const spoken = failing.filter(({ asExpected }) => !asExpected)
  // After a single success a check still counts as failing, but that success is not what it failed with.
  if (spoken.length === 0) return { en: 'not yet stable', ko: '아직 안정되지 않음' }
  const words = spoken.map(({ outcome, endedIn }): Text => {
    if (check.expect === 'unreachable')
      return {
        en: `${outcome} although it must be unreachable`,
        ko: `${outcome}(도달하면 안 되는 대상)`,
      }
    return endedIn === null || outcome.startsWith(`${endedIn}_`)
      ? { en: outcome, ko: outcome }
      : { en: `${outcome} in ${endedIn}`, ko: `${outcome}(${endedIn} 단계)` }
  })
  const each = (language: keyof Text, or: string) =>
    [...new Set(words.map((word) => word[language]))].sort().join(or)
  return { en: each('en', ' or '), ko: each('ko', ' 또는 ') }
}

function placeOf({ subnet, probe }: StandpointCheck): string {
  return subnet ?? probe
}
